import type { OpFamily, Value } from '../graph.js';
import { broadcast, floatType } from './elementwise.js';
import { axisOf } from './layout.js';
import { describe, type Fail, type InferRules } from './rule.js';

export const quantization: InferRules<OpFamily['quantization']> = {
  QuantizeLinear: ([x, scale, zero], { axis }, fail) => {
    floatType(x!, fail);
    if (scale!.type !== x!.type) fail('graph/type', `types differ: ${describe(x!)}, ${describe(scale!)}`, `give the scale as ${x!.type}.`);
    if (scale!.shape.join() !== zero!.shape.join())
      fail('graph/shape', `scale and zero point differ: ${describe(scale!)}, ${describe(zero!)}`, 'give one zero point for each scale.');
    checkScale(x!, scale!, axis, fail);
    if (zero!.type !== 'uint8') fail('graph/type', `gives uint8, but ${describe(zero!)}`, 'make the zero point uint8.');
    return [{ shape: x!.shape, type: 'uint8' }];
  },
  DequantizeLinear: ([x, scale], { axis }, fail) => {
    if (x!.type !== 'int32') byteType(x!, fail);
    checkScale(x!, scale!, axis, fail);
    return [{ shape: x!.shape, type: floatType(scale!, fail) }];
  },
  MatMulInteger: ([a, b, zero], _, fail) => {
    byteType(a!, fail);
    byteType(b!, fail);
    if (a!.type !== zero!.type || zero!.shape.length > 0)
      fail('graph/type', `the zero point of ${describe(a!)} is a scalar of its type, but ${describe(zero!)}`, 'make it one.');
    if (a!.shape.length < 2 || b!.shape.length < 2 || a!.shape.at(-1) !== b!.shape.at(-2))
      fail(
        'graph/shape',
        `inner dims differ: ${describe(a!)}, ${describe(b!)}`,
        'the last dim of one must equal the last but one of the other.',
      );
    const stack = broadcast({ ...a!, shape: a!.shape.slice(0, -2) }, { ...b!, shape: b!.shape.slice(0, -2) }, fail);
    return [{ shape: [...stack, a!.shape.at(-2)!, b!.shape.at(-1)!], type: 'int32' }];
  },
};

const byteType = (x: Value, fail: Fail): Value['type'] =>
  x.type === 'uint8' || x.type === 'int8' ? x.type : fail('graph/type', `takes 8 bits, but ${describe(x)}`, 'quantise it first.');

function checkScale(x: Value, scale: Value, axis: number, fail: Fail): void {
  if (scale.shape.length === 0) return;
  const size = x.shape[axisOf(axis, x.shape.length, x, fail)];
  if (scale.shape.length > 1 || scale.shape[0] !== size)
    fail('graph/shape', `no scale for each entry of axis ${axis}: ${describe(x)}, ${describe(scale)}`, `give [${size}], or a scalar.`);
}
