import type { OpFamily } from '../graph.js';
import { floatType, sameType } from './elementwise.js';
import { axisOf } from './layout.js';
import { describe, type InferRules } from './rule.js';

export const normalization: InferRules<OpFamily['normalization']> = {
  Softmax: ([x], { axis }, fail) => {
    axisOf(axis, x!.shape.length, x!, fail);
    return [{ shape: x!.shape, type: floatType(x!, fail) }];
  },
  LayerNormalization: ([x, scale, bias], { axis }, fail) => {
    const at = axisOf(axis, x!.shape.length, x!, fail);
    const normalized = x!.shape.slice(at);
    for (const weight of [scale!, bias!]) {
      sameType(x!, weight, fail);
      if (weight.shape.join() !== normalized.join()) {
        fail(
          'graph/shape',
          `${describe(weight)}, but the dims normalised are [${normalized}]: ${describe(x!)}`,
          'scale and bias take the dims from axis on.',
        );
      }
    }
    const type = floatType(x!, fail);
    const statistics = { shape: x!.shape.map((dim, i) => (i < at ? dim : 1)), type };
    return [{ shape: x!.shape, type }, statistics, statistics];
  },
};
