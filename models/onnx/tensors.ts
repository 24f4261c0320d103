/** @file Tensors as ONNX stores them: a type number and little-endian bytes. */
import { UsageError } from '../errors.js';
import { sizeOf, zeros } from '../graph/tensor.js';
import type { Tensor, TensorType } from '../runtime/session.js';
import type { TensorMessage } from './schema.js';

export const typeNumbers: { readonly [T in TensorType]: number } = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
};

export function typeOfNumber(number: number, where: string): TensorType {
  const found = Object.entries(typeNumbers).find(([, value]) => value === number);
  if (!found)
    throw new UsageError(
      'onnx/invalid',
      `${where}: tensor type ${number} is not one we read`,
      `use ${Object.keys(typeNumbers).join(', ')}.`,
    );
  return found[0] as TensorType;
}

export const toMessage = (name: string, { type, dims, data }: Tensor): TensorMessage => ({
  name,
  dims: [...dims],
  data_type: typeNumbers[type],
  raw_data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
});

type Stored = TensorMessage & { float_data?: number[]; int32_data?: number[]; int64_data?: unknown[]; double_data?: number[] };

export function fromMessage(message: Stored): Tensor {
  const type = typeOfNumber(message.data_type, message.name);
  const dims = (message.dims ?? []).map(Number);
  const tensor = zeros(type, dims);
  const { data } = tensor;
  if (message.raw_data?.length) {
    if (message.raw_data.length !== data.byteLength) {
      throw new UsageError(
        'onnx/invalid',
        `tensor ${message.name}: ${message.raw_data.length} bytes for ${sizeOf(dims)} x ${type}`,
        'write the file again; it is damaged.',
      );
    }
    new Uint8Array(data.buffer).set(message.raw_data);
    return tensor;
  }
  const values = [message.float_data, message.double_data, message.int64_data, message.int32_data].find((list) => list?.length) ?? [];
  for (let i = 0; i < data.length; i++) data[i] = data instanceof BigInt64Array ? BigInt(String(values[i])) : Number(values[i]);
  return tensor;
}
