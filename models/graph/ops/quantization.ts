/** @file Floats to small integers and back. */
import type { GraphBuilder } from '../builder.js';
import type { Value } from '../graph.js';

/** `x / scale + zero`, rounded to the nearest, half to even, and held within 0 and 255. */
export const quantizeLinear = (g: GraphBuilder, x: Value, scale: Value, zero: Value, axis = 0): Value =>
  g.add('QuantizeLinear', [x, scale, zero], { axis })[0]!;

/** `x · scale`. */
export const dequantizeLinear = (g: GraphBuilder, x: Value, scale: Value, axis = 0): Value =>
  g.add('DequantizeLinear', [x, scale], { axis })[0]!;

/** `(a - zero) · b` in int32. */
export const matMulInteger = (g: GraphBuilder, a: Value, b: Value, zero: Value): Value => g.add('MatMulInteger', [a, b, zero], {})[0]!;
