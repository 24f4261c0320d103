/** @file Types, shapes and attributes as TensorFlow numbers and spells them. */
import { numbersOf, type Shape, type Tensor, type TensorType } from '../../../models/index.js';
import type { AttributeMessage, ShapeMessage } from './schema.js';

/** What flows along an edge of TensorFlow's graph: tensors, variables, and the lists that a loop collects in. */
export type FlowType = TensorType | 'resource' | 'variant';

/** Ids and sizes fit 32 bits, which XLA and tfjs-node prefer: our int64 is its int32. */
export const typeNumbers: { readonly [T in FlowType]: number } = {
  float32: 1,
  float64: 2,
  int32: 3,
  int64: 3,
  uint8: 4,
  int8: 6,
  bool: 10,
  float16: 19,
  resource: 20,
  variant: 21,
};

export const attribute = {
  type: (of: FlowType): AttributeMessage => ({ type: typeNumbers[of] }),
  types: (of: readonly FlowType[]): AttributeMessage => ({ list: { type: of.map((one) => typeNumbers[one]) } }),
  int: (i: number): AttributeMessage => ({ i }),
  ints: (i: readonly number[]): AttributeMessage => ({ list: { i: [...i] } }),
  bool: (b: boolean): AttributeMessage => ({ b }),
  text: (s: string): AttributeMessage => ({ s: new TextEncoder().encode(s) }),
  shape: (of: Shape): AttributeMessage => ({ shape: shapeMessage(of) }),
  call: (name: string): AttributeMessage => ({ func: { name } }),
  tensor: (of: Tensor): AttributeMessage => ({
    tensor: { dtype: typeNumbers[of.type], tensor_shape: shapeMessage(of.dims), tensor_content: bytesOf(of) },
  }),
} as const;

/** Named dims are open. */
export const shapeMessage = (shape: Shape): ShapeMessage => ({ dim: shape.map((dim) => ({ size: typeof dim === 'number' ? dim : -1 })) });

function bytesOf(tensor: Tensor): Uint8Array {
  const data = tensor.type === 'int64' ? Int32Array.from(numbersOf(tensor), toInt32) : tensor.data;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Bounds such as "to the end" are written as the largest 64-bit number. */
export const toInt32 = (x: number | bigint): number => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Number(x)));
