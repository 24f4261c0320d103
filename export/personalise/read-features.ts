/** @file What the head reads of texts, and what it says of that. */
import {
  createClassifier,
  evaluate,
  GraphBuilder,
  type Manifest,
  type TextInput,
  type Tokenizer,
  type Weights,
} from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import type { Head } from './cut-head.js';

export type FeatureTexts = { readonly tokenizer: Tokenizer; readonly text: Manifest['text']; readonly texts: readonly TextInput[] };

/** @param model gives `features`
 *  @returns one row a text; of a pair, as it is given */
export async function readFeatures(model: Uint8Array, { tokenizer, text, texts }: FeatureTexts): Promise<readonly Float32Array[]> {
  const session = await createSession(model);
  const { logits } = await createClassifier({ session, tokenizer, ...text, pairs: 'as-given', output: 'features' }).logits(texts);
  await session.dispose();
  return logits;
}

/** By the reference evaluator: a head is small. */
export function headLogits(head: Head, weights: Weights, features: readonly Float32Array[]): readonly (readonly number[])[] {
  const g = new GraphBuilder();
  const given = g.input('features', ['batch', head.width]);
  const parameters = new Map(head.parameters.map(({ value }) => [value.name, g.input(value.name, value.shape)]));
  const logits = head.write(g, given, parameters);
  const rows = { dims: [features.length, head.width], data: Float64Array.from(features.flatMap((row) => [...row])) };
  const own = head.parameters.map(({ value }) => {
    const { dims, data } = weights.get(value.name)!;
    return [value.name, { dims, data: Float64Array.from(data as Float32Array) }] as const;
  });
  const { data } = evaluate(g.graph([logits]), new Map([...own, ['features', rows]])).get(logits.name)!;
  return features.map((_, i) => [...data.slice(i * head.labels, (i + 1) * head.labels)]);
}
