import { invariant, mul, type OpFamily, reduceMean, reduceSum, sub } from '../../../models/index.js';
import type { GradientRules } from '../rule.js';

export const normalization: GradientRules<OpFamily['normalization']> = {
  // dx = y·(dy − Σ dy·y)
  Softmax: (g, { outputs: [y], attributes: { axis } }, [dy]) => {
    const weighted = mul(g, dy, y!);
    return [sub(g, weighted, mul(g, y!, reduceSum(g, weighted, { axes: [axis], keepdims: true })))];
  },
  // n = (x − mean)·invStd, y = n·scale + bias; with dn = dy·scale: dx = invStd·(dn − mean(dn) − n·mean(dn·n))
  LayerNormalization: (g, { inputs: [x, scale], outputs: [, mean, invStd], attributes: { axis } }, [dy, ...statistics]) => {
    invariant(
      statistics.every((other) => !other),
      'autodiff: LayerNormalization is differentiated through its first output only',
    );
    const rank = x!.shape.length;
    const at = axis < 0 ? axis + rank : axis;
    const normalized = { axes: Array.from({ length: rank - at }, (_, i) => at + i), keepdims: true };
    const others = Array.from({ length: at }, (_, i) => i);
    const n = mul(g, sub(g, x!, mean!), invStd!);
    const dn = mul(g, dy, scale!);
    const centred = sub(g, dn, reduceMean(g, dn, normalized));
    const dx = mul(g, sub(g, centred, mul(g, n, reduceMean(g, mul(g, dn, n), normalized))), invStd!);
    return [dx, reduceSum(g, mul(g, dy, n), { axes: others }), reduceSum(g, dy, { axes: others })];
  },
};
