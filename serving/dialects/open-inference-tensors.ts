/** @file Tensors of the Open Inference Protocol: in JSON, or behind it in binary. */
import { z } from 'zod';
import { invalidRequest, unsupported } from './parse-body.js';

const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional();
const shape = z.array(z.number().int().nonnegative());

export const inputTensorSchema = z.object({
  name: z.string(),
  shape,
  datatype: z.literal('BYTES'),
  parameters,
  /** Flat or nested, in row-major order; absent where the tensor comes in binary. */
  data: z.array(z.unknown()).optional(),
});

export const outputTensorSchema = z.object({
  name: z.string(),
  shape,
  datatype: z.enum(['BYTES', 'FP32']),
  parameters,
  /** Absent where the tensor comes in binary. */
  data: z.union([z.array(z.string()), z.array(z.number())]).optional(),
});

export type InputTensor = z.output<typeof inputTensorSchema>;
export type OutputTensor = z.output<typeof outputTensorSchema>;

/** An answer's tensor before it is known how it travels. */
export type Tensor = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly parameters?: Readonly<Record<string, string>>;
} & ({ readonly datatype: 'BYTES'; readonly data: readonly string[] } | { readonly datatype: 'FP32'; readonly data: readonly number[] });

/**
 * The strings of every tensor, by its name.
 *
 * @param tail what followed the JSON; each tensor in binary takes its `binary_data_size` bytes of it, in their order
 * @throws ServiceError `invalid-request`, `unsupported`
 */
export function readTexts(inputs: readonly InputTensor[], tail: Uint8Array): ReadonlyMap<string, readonly string[]> {
  let offset = 0;
  const texts = new Map<string, readonly string[]>();
  for (const [i, input] of inputs.entries()) {
    const field = `inputs[${i}]`;
    const { binary_data_size: size, shared_memory_region: region } = input.parameters ?? {};
    if (region !== undefined) throw unsupported('shared memory is not read here', 'send the data with the request', field);
    const elements =
      size === undefined ? ofJson(input.data, field) : ofBinary(tail.subarray(offset, offset + Number(size)), Number(size), field);
    if (size !== undefined) offset += Number(size);
    const count = input.shape.reduce((product, dim) => product * dim, 1);
    if (count !== elements.length)
      throw invalidRequest(`the shape is [${input.shape.slice(0, 8)}] but there are ${elements.length} elements`, 'let them agree', field);
    texts.set(input.name, elements);
  }
  if (offset !== tail.length)
    throw invalidRequest(`${tail.length} bytes follow the JSON, of which the inputs name ${offset}`, 'let binary_data_size name all');
  return texts;
}

function ofJson(data: readonly unknown[] | undefined, field: string): readonly string[] {
  if (!data) throw invalidRequest('there is neither data nor binary_data_size', 'send the texts as data', field);
  const flat = data.flat(8);
  if (flat.every((element) => typeof element === 'string')) return flat;
  throw invalidRequest('the data has other than strings', 'send every text as a JSON string', field);
}

/** Each element: four bytes of length, the lowest first, then as many bytes of UTF-8. */
function ofBinary(bytes: Uint8Array, size: number, field: string): readonly string[] {
  const cut = (): never => {
    throw invalidRequest('the binary data ends in the middle of an element', 'send four bytes of length before each text', field);
  };
  if (!Number.isInteger(size) || bytes.length !== size) cut();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const elements: string[] = [];
  for (let at = 0; at < size; ) {
    const length = at + 4 <= size ? view.getUint32(at, true) : cut();
    const end = at + 4 + length;
    if (end > size) cut();
    try {
      elements.push(decoder.decode(bytes.subarray(at + 4, end)));
    } catch {
      throw invalidRequest(`element ${elements.length} is not UTF-8`, 'encode it as UTF-8', field);
    }
    at = end;
  }
  return elements;
}

/** The tensor as it stands in the JSON of an answer, and its bytes where it travels in binary. */
export function writeTensor({ name, shape, datatype, parameters, data }: Tensor, binary: boolean): readonly [OutputTensor, Uint8Array] {
  const head = { name, shape: [...shape], datatype };
  if (!binary) return [{ ...head, ...(parameters ? { parameters } : {}), data: [...data] as string[] | number[] }, new Uint8Array()];
  const bytes = datatype === 'FP32' ? float32Bytes(data) : Buffer.concat(data.map(elementBytes));
  return [{ ...head, parameters: { ...parameters, binary_data_size: bytes.length } }, bytes];
}

function float32Bytes(data: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * data.length));
  for (const [i, value] of data.entries()) view.setFloat32(4 * i, value, true);
  return new Uint8Array(view.buffer);
}

function elementBytes(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}
