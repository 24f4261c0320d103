/** @file The golden values of PyTorch and transformers under test/golden, for tests. */
import { readFileSync } from 'node:fs';
import type { Tensor } from '../models/index.js';
import { readWeights } from '../models/weights/node.js';

const folder = new URL('golden/', import.meta.url);

export const goldenPath = (name: string): string => new URL(name, folder).pathname;
export const goldenTensors = (name: string): Promise<ReadonlyMap<string, Tensor>> => readWeights(goldenPath(name));
export const goldenCase = <T>(name: string): T => JSON.parse(readFileSync(new URL(`${name}/case.json`, folder), 'utf8')) as T;

/** Hugging Face's config of the golden BERT in our words. */
export function goldenArchitecture(config: Readonly<Record<string, number>>, pooling: 'cls' | 'mean' | 'last-four' | 'attention' = 'mean') {
  return {
    kind: 'bert' as const,
    vocabularySize: config.vocab_size!,
    width: config.hidden_size!,
    layers: config.num_hidden_layers!,
    heads: config.num_attention_heads!,
    intermediate: config.intermediate_size!,
    positions: 'absolute' as const,
    mlp: [],
    mlpNormalized: false,
    maxPositions: config.max_position_embeddings!,
    typeVocabulary: config.type_vocab_size!,
    layerNormEpsilon: config.layer_norm_eps!,
    exactMatch: false,
    initializerRange: 0.02,
    dropout: 0,
    attentionDropout: 0,
    pooling,
  };
}

/** int64 [batch] of labels as float32 [batch, labels]. */
export function oneHot({ data }: Tensor, labels: number): Tensor {
  const rows = Array.from(data as BigInt64Array, Number);
  const values = Float32Array.from({ length: rows.length * labels }, (_, i) => (rows[Math.floor(i / labels)] === i % labels ? 1 : 0));
  return { type: 'float32', dims: [rows.length, labels], data: values };
}

/** The largest difference, relative to the largest entry of `expected`. */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [worst, scale] = [0, 1e-12];
  for (let i = 0; i < expected.length; i++) {
    worst = Math.max(worst, Math.abs(actual[i]! - expected[i]!));
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return worst / scale;
}
