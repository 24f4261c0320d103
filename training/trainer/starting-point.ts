/** @file What a model starts from: pre-trained weights, all of them or the word vectors alone, and new ones for the rest. */

import type { z } from 'zod';
import { fromStored, matchWeights, type Parameter, storedShapes, type TextInput, UsageError, type Weights } from '../../models/index.js';
import type { NamedArrays } from '../engines/engine.js';
import { vocabularyAsked } from './complete-model.js';
import type { Encoder } from './hub-config.js';
import { initialWeights } from './initial-weights.js';
import { keepTokens } from './keep-tokens.js';
import type { startKeys } from './model-config.js';
import { readPretrained } from './pretrained.js';
import { fittingWordVectors, wordVectorsOf } from './word-vectors.js';

export type StartingPoint = {
  readonly tokenizerJson: string;
  readonly vocabularySize: number;
  readonly weights: Weights;
  /** Kind and sizes that the model then has; none where only the word vectors are taken. */
  readonly encoder?: Encoder;
};

type StartKeys = z.infer<z.ZodObject<typeof startKeys>> & { readonly [key: string]: unknown };

/**
 * @param texts what `keepTokens` counts
 * @param tokenizerJson of the run that is resumed, which says what was kept
 * @throws UsageError `config/invalid` for keys that say what to take where there is nothing to take from; `weights/missing`, `weights/invalid`
 */
export async function startingPoint(
  { pretrained: folder, keepTokens: keep, take = 'all', ...sizes }: StartKeys,
  texts: readonly TextInput[],
  tokenizerJson?: string,
): Promise<StartingPoint | undefined> {
  if (folder === undefined) {
    if (keep !== undefined) throw withoutPretrained('keepTokens: a vocabulary made here has only what the training texts use');
    if (take !== 'all') throw withoutPretrained(`take: there is nothing to take the ${take} from`);
    return undefined;
  }
  if (take === 'words' && vocabularyAsked(sizes) !== undefined)
    throw new UsageError(
      'config/invalid',
      'model.vocabularySize: with model.take the vocabulary is the pre-trained one',
      'say in model.keepTokens how many of its pieces to keep.',
    );
  const whole = await readPretrained(folder);
  const pretrained = keep === undefined ? whole : await keepTokens(whole, { keep, texts, tokenizerJson });
  const { encoder, weights, ...rest } = pretrained;
  const { vocabularySize } = encoder;
  return take === 'words'
    ? { ...rest, vocabularySize, weights: wordVectorsOf(pretrained, folder) }
    : { ...rest, vocabularySize, weights, encoder };
}

const withoutPretrained = (what: string): UsageError =>
  new UsageError('config/invalid', `model.${what}`, 'take it out, or give model.pretrained.');

export type FirstWeights = {
  readonly weights: NamedArrays;
  /** Pre-trained weights that nothing took, and parameters that none was for. Both empty from scratch. */
  readonly unused: readonly string[];
  readonly initialised: readonly string[];
};

/**
 * New weights by the seed, and over them those that the start has.
 *
 * @param mayDiffer whether a parameter may have another shape than the start's, which then is not used
 * @throws UsageError `weights/invalid`
 */
export function firstWeights(
  parameters: readonly Parameter[],
  seed: number,
  start: StartingPoint | undefined,
  mayDiffer: (name: string) => boolean = () => false,
): FirstWeights {
  const weights = new Map(initialWeights(parameters, seed));
  if (!start) return { weights, unused: [], initialised: [] };
  const wanted = storedShapes(parameters);
  const given = start.encoder ? start.weights : fittingWordVectors(start.weights, wanted);
  const { weights: matched, unused, missing, mismatched } = matchWeights(wanted, given);
  const wrong = mismatched.find(({ name }) => !mayDiffer(name));
  if (wrong)
    throw new UsageError(
      'weights/invalid',
      `pre-trained ${wrong.name} is [${wrong.given}], the model wants [${wrong.expected}]`,
      'give the config.json that belongs to these weights.',
    );
  for (const [name, { data }] of fromStored(parameters, matched)) weights.set(name, data as Float32Array);
  return { weights, unused, initialised: [...missing, ...mismatched.map(({ name }) => name)] };
}
