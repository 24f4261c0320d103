/** @file Pre-trained weights as Hugging Face saves them: config.json, tokenizer.json, model.safetensors (or its shards). */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { UsageError, type Weights } from '../../models/index.js';
import { readWeights } from '../../models/weights/node.js';
import { type Encoder, hubConfigSchema } from './hub-config.js';

export type Pretrained = { readonly encoder: Encoder; readonly tokenizerJson: string; readonly weights: Weights };

/** @throws UsageError `weights/missing`, `weights/invalid` with the file and what is wrong with it */
export async function readPretrained(folder: string): Promise<Pretrained> {
  // One after the other, so that of two that are missing it is always the first that is named.
  const configText = await readPart(folder, 'config.json');
  const tokenizerJson = await readPart(folder, 'tokenizer.json');
  const parsed = hubConfigSchema.safeParse(parseJson(configText), { reportInput: true });
  if (!parsed.success) throw unknownModel(folder, parsed.error.issues[0]!);
  return { encoder: parsed.data, tokenizerJson, weights: await readWeights(folder, { widen: true }) };
}

async function readPart(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch {
    throw new UsageError(
      'weights/missing',
      `model.pretrained: ${join(folder, name)} cannot be read`,
      'give a folder with config.json, tokenizer.json and model.safetensors, as Hugging Face saves a model.',
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
