/** @file Making and reading tensors. */
import type { Tensor, TensorData, TensorType } from '../runtime/session.js';

const arrays: { readonly [T in TensorType]: (length: number) => TensorData } = {
  float32: (n) => new Float32Array(n),
  float64: (n) => new Float64Array(n),
  float16: (n) => new Uint16Array(n),
  int64: (n) => new BigInt64Array(n),
  int32: (n) => new Int32Array(n),
  uint8: (n) => new Uint8Array(n),
  int8: (n) => new Int8Array(n),
  bool: (n) => new Uint8Array(n),
};

export const sizeOf = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** A tensor of zeros. */
export const zeros = (type: TensorType, dims: readonly number[]): Tensor => ({ type, dims, data: arrays[type](sizeOf(dims)) });

export function tensorOf(type: TensorType, dims: readonly number[], values: ArrayLike<number>): Tensor {
  const tensor = zeros(type, dims);
  const { data } = tensor;
  for (let i = 0; i < data.length; i++) data[i] = data instanceof BigInt64Array ? BigInt(values[i]!) : values[i]!;
  return tensor;
}

/** The content as plain numbers, whatever the type. */
export const numbersOf = ({ data }: Tensor): number[] => Array.from(data as ArrayLike<number | bigint>, Number);
