import { add, cast, div, equal, erf, exp, greater, mul, neg, type OpFamily, sub, where } from '../../../models/index.js';
import { type GradientRules, notDifferentiable } from '../rule.js';

const logical = notDifferentiable('it is true or false');

export const elementwise: GradientRules<OpFamily['elementwise']> = {
  Add: (_g, _node, [dy]) => [dy, dy],
  Sub: (g, _node, [dy]) => [dy, neg(g, dy)],
  Mul: (g, { inputs: [a, b] }, [dy]) => [mul(g, dy, b!), mul(g, dy, a!)],
  Div: (g, { inputs: [, b], outputs: [y] }, [dy]) => {
    const da = div(g, dy, b!);
    return [da, neg(g, mul(g, da, y!))]; // d(a/b)/db = -a/b² = -y/b
  },
  Max: (g, { inputs: [a, b] }, [dy]) => {
    const first = cast(g, greater(g, a!, b!), dy.type);
    const tie = mul(g, cast(g, equal(g, a!, b!), dy.type), 0.5); // both sides share a tie
    const share = add(g, first, tie);
    return [mul(g, dy, share), mul(g, dy, sub(g, 1, share))];
  },
  Equal: logical,
  Greater: logical,
  Not: logical,
  Where: (g, { inputs: [condition] }, [dy]) => [undefined, where(g, condition!, dy, 0), where(g, condition!, 0, dy)],
  Neg: (g, _node, [dy]) => [neg(g, dy)],
  Abs: (g, { inputs: [x] }, [dy]) => {
    const sign = sub(g, cast(g, greater(g, x!, 0), dy.type), cast(g, greater(g, 0, x!), dy.type));
    return [mul(g, dy, sign)];
  },
  Exp: (g, { outputs: [y] }, [dy]) => [mul(g, dy, y!)], // y is already exp(x)
  Log: (g, { inputs: [x] }, [dy]) => [div(g, dy, x!)],
  Sqrt: (g, { outputs: [y] }, [dy]) => [div(g, mul(g, dy, 0.5), y!)],
  Tanh: (g, { outputs: [y] }, [dy]) => [mul(g, dy, sub(g, 1, mul(g, y!, y!)))],
  Erf: (g, { inputs: [x] }, [dy]) => [mul(g, dy, mul(g, exp(g, neg(g, mul(g, x!, x!))), 2 / Math.sqrt(Math.PI)))],
  Sigmoid: (g, { outputs: [y] }, [dy]) => [mul(g, dy, mul(g, y!, sub(g, 1, y!)))],
  Relu: (g, { inputs: [x] }, [dy]) => [where(g, greater(g, x!, 0), dy, 0)],
  Gelu: (g, { inputs: [x] }, [dy]) => {
    // y = x·Φ(x); dy/dx = Φ(x) + x·φ(x), with Φ and φ the normal distribution and its density
    const half = mul(g, add(g, erf(g, mul(g, x!, Math.SQRT1_2)), 1), 0.5);
    const density = exp(g, mul(g, mul(g, x!, x!), -0.5));
    return [mul(g, dy, add(g, half, mul(g, mul(g, x!, 1 / Math.sqrt(2 * Math.PI)), density)))];
  },
  Identity: (_g, { attributes }, [dy]) => [attributes.stopsGradient ? undefined : dy],
  Cast: (g, { inputs: [x] }, [dy]) => [x!.type.startsWith('float') ? cast(g, dy, x!.type) : undefined],
};
