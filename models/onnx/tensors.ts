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
  const raw = message.raw_data ?? new Uint8Array();
  const lists = [message.float_data, message.double_data, message.int64_data, message.int32_data];
  const values = raw.length > 0 ? [] : (lists.find((list) => list?.length) ?? []);
  const width = zeros(type, []).data.BYTES_PER_ELEMENT;
  const given = raw.length > 0 ? raw.length / width : values.length;
  if (given !== sizeOf(dims)) {
    throw new UsageError(
      'onnx/invalid',
      `tensor ${message.name}: ${given} values for ${type} [${dims}]`,
      'get the file again from its source; it is damaged, or its weights lie in another file.',
    );
  }
  const tensor = zeros(type, dims);
  const { data } = tensor;
  if (raw.length > 0) new Uint8Array(data.buffer).set(raw);
  else for (let i = 0; i < data.length; i++) data[i] = data instanceof BigInt64Array ? BigInt(String(values[i])) : Number(values[i]);
  return tensor;
}
