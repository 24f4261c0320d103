/** @file Nodes run one by one on TensorFlow.js, and tensors as it has them. */
import type { DataType, Tensor } from '@tensorflow/tfjs-core';
import { invariant, type Node, type OpType, type Tensor as OurTensor, type TensorType, type Value } from '../../models/index.js';
import type { Tfjs } from './load-tfjs.js';
import type { TfjsOp, TfjsOps } from './tfjs-op.js';

/** TensorFlow.js has no 64-bit and no half types: ids and sizes fit 32 bits, and whole models run in float32 anyway. */
export const tfjsTypes: { readonly [T in TensorType]: DataType } = {
  float32: 'float32',
  float64: 'float32',
  float16: 'float32',
  int64: 'int32',
  int32: 'int32',
  int8: 'int32',
  uint8: 'int32',
  bool: 'bool',
};

/** @returns what is known once all nodes have run: `known`, and the outputs of each node, by name; `find` reads from it */
export function runNodes(
  tf: Tfjs,
  ops: TfjsOps,
  nodes: readonly Node[],
  known: ReadonlyMap<string, Tensor>,
): { readonly find: (value: Value) => Tensor } {
  const values = new Map(known);
  const find = ({ name }: Value): Tensor => {
    const tensor = values.get(name);
    invariant(tensor || name === '', `tfjs: ${name} is not fed`);
    return tensor as Tensor; // undefined for an optional input that is left out, as ops expect it
  };
  for (const { op, inputs, attributes, outputs } of nodes as readonly Node<OpType>[]) {
    const results = (ops[op] as TfjsOp<OpType>)(tf, inputs.map(find), attributes);
    outputs.forEach(({ name }, i) => {
      if (results[i]) values.set(name, results[i]);
    });
  }
  return { find };
}

/** A copy: TensorFlow.js keeps the array it is given, ours may be views of a memory that changes. */
export function toTfjs(tf: Tfjs, { type, dims, data }: OurTensor): Tensor {
  const dtype = tfjsTypes[type];
  const values =
    dtype === 'float32' ? Float32Array.from(data as ArrayLike<number>) : Int32Array.from(data as ArrayLike<number | bigint>, toInt32);
  return tf.tensor(dtype === 'bool' ? Uint8Array.from(values) : values, [...dims], dtype);
}

/** Bounds such as "to the end" are written as the largest 64-bit number. */
const toInt32 = (x: number | bigint): number => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Number(x)));
