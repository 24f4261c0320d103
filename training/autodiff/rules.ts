/** @file Every op's gradient, on one page. The type is total: an op without a line does not compile. */
import type { GradientRules } from './rule.js';
import { elementwise } from './rules/elementwise.js';
import { indexing } from './rules/indexing.js';
import { layout } from './rules/layout.js';
import { matmul } from './rules/matmul.js';
import { normalization } from './rules/normalization.js';
import { quantization } from './rules/quantization.js';
import { recurrent } from './rules/recurrent.js';
import { reduction } from './rules/reduction.js';

export const gradientRules: GradientRules = {
  ...elementwise,
  ...matmul,
  ...quantization,
  ...layout,
  ...indexing,
  ...reduction,
  ...normalization,
  ...recurrent,
};
