import type { OpFamily, OpType, Shape, Value } from '../graph.js';
import { describe, type Fail, type InferRule, type InferRules } from './rule.js';

const same: InferRule<OpType> = ([x]) => [{ shape: x!.shape, type: x!.type }];
const unary: InferRule<OpType> = ([x], _, fail) => [{ shape: x!.shape, type: numberType(x!, fail) }];
const float: InferRule<OpType> = ([x], _, fail) => [{ shape: x!.shape, type: floatType(x!, fail) }];
const binary: InferRule<OpType> = ([a, b], _, fail) => [
  { shape: broadcast(a!, b!, fail), type: sameType(a!, b!, fail) && numberType(a!, fail) },
];
const equality: InferRule<OpType> = ([a, b], _, fail) => {
  sameType(a!, b!, fail);
  return [{ shape: broadcast(a!, b!, fail), type: 'bool' }];
};

export const elementwise: InferRules<OpFamily['elementwise']> = {
  Add: binary,
  Sub: binary,
  Mul: binary,
  Div: binary,
  Max: binary,
  Equal: equality,
  Greater: (inputs, attributes, fail) => binary(inputs, attributes, fail).map(({ shape }) => ({ shape, type: 'bool' })),
  Not: ([x], _, fail) => [
    { shape: x!.shape, type: x!.type === 'bool' ? 'bool' : fail('graph/type', `takes bool, but ${describe(x!)}`, 'compare first.') },
  ],
  Where: ([condition, a, b], _, fail) => {
    if (condition!.type !== 'bool')
      fail('graph/type', `the condition must be bool, but ${describe(condition!)}`, 'compare first, or cast to bool.');
    const values = { ...a!, shape: broadcast(a!, b!, fail) };
    return [{ shape: broadcast(condition!, values, fail), type: sameType(a!, b!, fail) }];
  },
  Neg: unary,
  Abs: unary,
  Exp: float,
  Log: float,
  Sqrt: float,
  Tanh: float,
  Erf: float,
  Sigmoid: float,
  Relu: float,
  Gelu: float,
  Identity: same,
  Cast: ([x], { to }) => [{ shape: x!.shape, type: to }],
};

/** The shape of two values combined by ONNX's multidirectional broadcasting. */
export function broadcast(a: Value, b: Value, fail: Fail): Shape {
  const rank = Math.max(a.shape.length, b.shape.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a.shape[i - rank + a.shape.length] ?? 1;
    const y = b.shape[i - rank + b.shape.length] ?? 1;
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    return fail('graph/shape', `dims do not broadcast: ${describe(a)}, ${describe(b)}`, `make ${x} and ${y} equal, or one of them 1.`);
  });
}

export const numberType = (x: Value, fail: Fail): Value['type'] =>
  x.type === 'bool' ? fail('graph/type', `takes numbers, but ${describe(x)}`, `cast ${x.name} to float32 first.`) : x.type;

export const floatType = (x: Value, fail: Fail): Value['type'] =>
  x.type.startsWith('float') ? x.type : fail('graph/type', `takes floats, but ${describe(x)}`, `cast ${x.name} to float32 first.`);

export function sameType(a: Value, b: Value, fail: Fail): Value['type'] {
  return a.type === b.type ? a.type : fail('graph/type', `types differ: ${describe(a)}, ${describe(b)}`, `cast one of them to ${a.type}.`);
}
