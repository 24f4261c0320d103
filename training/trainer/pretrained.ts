/** @file Trained weights to start from: as Hugging Face saves them (config.json, tokenizer.json, model.safetensors or its shards), or of ours. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { UsageError, type Weights } from '../../models/index.js';
import { readWeights } from '../../models/weights/node.js';
import { type Encoder, hubConfigSchema } from './hub-config.js';
import { readClassifier } from './read-classifier.js';

export type Pretrained = {
  readonly encoder: Encoder;
  /** Rows of its word vectors. */
  readonly vocabularySize: number;
  readonly tokenizerJson: string;
  /** In stored layout. */
  readonly weights: Weights;
  /** Of a run or a bundle of ours: what its head tells, in its order, and what goes on with the weights. */
  readonly classifier?: { readonly labels: readonly string[]; readonly license?: string; readonly notice?: string };
};

/** @param folder as Hugging Face saves a model; a run of `copydesk pretrain` or `copydesk train`; a bundle, or a folder with one
 *  @throws UsageError `weights/missing`, `weights/invalid` with the file and what is wrong with it; `training/run`, `bundle/…` */
export async function readPretrained(folder: string): Promise<Pretrained> {
  const inRun = join(folder, 'model');
  if (await isFile(join(inRun, 'config.json'))) return readHubFolder(inRun);
  return (await readClassifier(folder)) ?? readHubFolder(folder);
}

async function readHubFolder(folder: string): Promise<Pretrained> {
  // One after the other, so that of two that are missing it is always the first that is named.
  const configText = await readPart(folder, 'config.json');
  const tokenizerJson = await readPart(folder, 'tokenizer.json');
  const parsed = hubConfigSchema.safeParse(parseJson(configText), { reportInput: true });
  if (!parsed.success) throw unknownModel(folder, parsed.error.issues[0]!);
  const weights = await readWeights(folder, { widen: true });
  return { encoder: parsed.data, vocabularySize: parsed.data.vocabularySize, tokenizerJson, weights };
}

async function readPart(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch {
    throw new UsageError(
      'weights/missing',
      `model.pretrained: ${join(folder, name)} cannot be read`,
      'give a folder with config.json, tokenizer.json and model.safetensors, as Hugging Face saves a model; or a run, or a bundle.',
    );
  }
}

/** `undefined` for what is no JSON: the schema then says what is missing. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unknownModel(folder: string, { path, message, input }: z.core.$ZodIssue): UsageError {
  // Where no kind fits, what is given is the whole object.
  const value = typeof input === 'object' ? (input as Readonly<Record<PropertyKey, unknown>> | null)?.[path[0] ?? ''] : input;
  const given = value === undefined || typeof value === 'object' ? '' : ` is ${JSON.stringify(value)}`;
  const what = path.length === 0 ? 'not a JSON object' : `${path.join('.')}${given}: ${message}`;
  return new UsageError(
    'weights/invalid',
    `${join(folder, 'config.json')}: ${what}`,
    'give a BERT, DistilBERT or RoBERTa with absolute positions and gelu, a RoFormer, a NEZHA or an XLNet.',
  );
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
