import { type TokenBatch, tokenTensors } from '../../models/index.js';
import type { TrainingBatch } from './engine.js';

/** Texts and what a classifier should say of them. `targets` [batch][labels] */
export function classifierBatch(tokens: TokenBatch, targets: readonly (readonly number[])[]): TrainingBatch {
  const labels = targets[0]?.length ?? 0;
  return {
    texts: tokens.batch,
    tensors: {
      ...tokenTensors(tokens),
      targets: { type: 'float32', dims: [tokens.batch, labels], data: Float32Array.from(targets.flat()) },
    },
  };
}
