/** @file Every op as operators of TensorFlow. The type is total: an op without a line in its family does not compile. */
import { elementwise } from './ops/elementwise.js';
import { indexing } from './ops/indexing.js';
import { layout } from './ops/layout.js';
import { matmul } from './ops/matmul.js';
import { normalization } from './ops/normalization.js';
import { quantization } from './ops/quantization.js';
import { recurrent } from './ops/recurrent.js';
import { reduction } from './ops/reduction.js';
import type { TensorflowOps } from './write-graph.js';

export const tensorflowOps: TensorflowOps = {
  ...elementwise,
  ...matmul,
  ...quantization,
  ...layout,
  ...indexing,
  ...reduction,
  ...normalization,
  ...recurrent(() => tensorflowOps),
};
