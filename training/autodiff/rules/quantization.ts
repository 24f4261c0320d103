import type { OpFamily } from '../../../models/index.js';
import { type GradientRules, notDifferentiable } from '../rule.js';

const rounded = notDifferentiable('it rounds');

export const quantization: GradientRules<OpFamily['quantization']> = {
  QuantizeLinear: rounded,
  DequantizeLinear: rounded,
  MatMulInteger: rounded,
};
