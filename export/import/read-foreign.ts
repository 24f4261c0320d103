/** @file A sequence-classification model as Hugging Face saves it, read and held to what an architecture of ours must have. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { limitsOf, UsageError } from '../../models/index.js';
import { type ConfigOptions, type ForeignConfig, foreignConfig } from './foreign-config.js';
import { type ForeignTokenizer, foreignTokenizer } from './foreign-tokenizer.js';
import { type ForeignWeights, foreignWeights } from './foreign-weights.js';
import { readJson } from './read-json.js';

export type Foreign = ForeignConfig &
  ForeignWeights & {
    readonly folder: string;
    readonly tokenizer: ForeignTokenizer;
    readonly maxTokens: number;
    /** sha256, in hex, of the weights as they are used. */
    readonly sha256: string;
  };

export type ForeignOptions = ConfigOptions & {
  /** Tokens read of each text. Default: as many as the model was made for. */
  readonly maxTokens?: number | undefined;
};

/** @throws UsageError `weights/missing`, `weights/invalid`, `text/tokenizer` for what cannot be brought in; `usage/argument` for options that do not fit */
export async function readForeign(folder: string, options: ForeignOptions = {}): Promise<Foreign> {
  const raw = await readJson(folder, 'config.json');
  if (!raw) {
    const there = await stat(folder).catch(() => undefined);
    const what = there ? 'there is no config.json' : 'there is no such folder';
    throw new UsageError('weights/missing', `${folder}: ${what}`, 'give the folder of a model as Hugging Face saves it.');
  }
  const config = foreignConfig(raw, folder, options);
  const tokenizer = await foreignTokenizer(folder);
  const { vocabulary, tokens } = limitsOf(config.architecture);
  if (tokenizer.tokenizer.vocabularySize > vocabulary) {
    throw new UsageError(
      'weights/invalid',
      `${folder}: its tokenizer has ${tokenizer.tokenizer.vocabularySize} tokens, the model knows ${vocabulary}`,
      'take model and tokenizer from one source; after tokens were added, the model must be resized and saved again.',
    );
  }
  const maxTokens = options.maxTokens ?? Math.min(tokens, tokenizer.maxLength ?? tokens);
  if (maxTokens > tokens)
    throw new UsageError('usage/argument', `--max-tokens ${maxTokens}: the model has positions for ${tokens}`, `give ${tokens} or fewer.`);
  const weights = await foreignWeights(folder, config.architecture, config.labels.length);
  return { folder, ...config, ...weights, tokenizer, maxTokens, sha256: hashOf(weights.weights) };
}

function hashOf(weights: ForeignWeights['weights']): string {
  const hash = createHash('sha256');
  for (const [name, { dims, data }] of weights)
    hash.update(`${name} ${dims}\n`).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest('hex');
}
