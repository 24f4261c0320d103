/** @file Prompts written on. */
import { UsageError } from '../errors.js';
import { beamSearch } from './beam-search.js';
import type { Decoder } from './decoder.js';
import type { Generated } from './generated.js';
import type { GenerationConfig } from './generation-config.js';
import { largest } from './probabilities.js';
import { drawingProbabilities, drawn } from './restrictions.js';
import { writeRows } from './write-rows.js';

export type GenerateOptions = {
  /** Token ids without padding, of any lengths. `unpadded` takes padding away. */
  readonly prompts: readonly (readonly number[])[];
  readonly config: GenerationConfig;
  /** Uniform in [0, 1), seeded for the same texts each time. Called once a token and sequence, and only to sample. */
  readonly random: () => number;
};

/**
 * Writes each prompt on.
 *
 * @throws UsageError `usage/argument` when a prompt is empty, or has no room for `maxNewTokens` more
 */
export async function generate(decoder: Decoder, { prompts, config, random }: GenerateOptions): Promise<Generated[]> {
  if (prompts.length === 0) return [];
  const longest = Math.max(...prompts.map(({ length }) => length));
  if (longest + config.maxNewTokens > decoder.maxTokens) {
    throw new UsageError(
      'usage/argument',
      `generation: a prompt of ${longest} tokens and ${config.maxNewTokens} more, but the model has positions for ${decoder.maxTokens}`,
      `set maxNewTokens to at most ${Math.max(0, decoder.maxTokens - longest)}, or shorten the prompt.`,
    );
  }
  return (strategies[config.kind] as Strategy<GenerationConfig>)(decoder, prompts, config, random);
}

type Strategy<C> = (decoder: Decoder, prompts: GenerateOptions['prompts'], config: C, random: () => number) => Promise<Generated[]>;

const strategies: { readonly [K in GenerationConfig['kind']]: Strategy<Extract<GenerationConfig, { kind: K }>> } = {
  greedy: (decoder, prompts, config) => writeRows(decoder, prompts, config, (scores) => largest(scores, 1)[0]!),
  beam: beamSearch,
  sample: (decoder, prompts, config, random) =>
    writeRows(decoder, prompts, config, (scores) => drawn(drawingProbabilities(scores, config), random())),
};
