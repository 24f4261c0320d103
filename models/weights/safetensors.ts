/** @file The safetensors format, in and out: eight bytes of header length, a JSON header, raw little-endian data. Safe in a browser. */
import { UsageError } from '../errors.js';
import type { Tensor, TensorData, TensorType } from '../runtime/session.js';
import { widenBfloat16, widenFloat16 } from './half.js';

/** Tensors by dotted name, in file order. */
export type Weights = ReadonlyMap<string, Tensor>;

export type ParseOptions = {
  /** Whether F16 becomes float32. Default false. BF16 always does: nothing of ours carries it. */
  readonly widen?: boolean;
};

export type Safetensors = { readonly weights: Weights; readonly metadata: Readonly<Record<string, string>> };

/**
 * Parses a file. Aligned tensors are views of `file`, not copies.
 *
 * @param where the file's path, for the messages
 * @throws UsageError `weights/invalid`
 */
export function parseSafetensors(file: Uint8Array, where: string, { widen = false }: ParseOptions = {}): Safetensors {
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.length); // never a Buffer: those slice and print otherwise
  const { header, dataStart } = readHeader(bytes, where);
  const { __metadata__: metadata = {}, ...entries } = header;
  const infos = Object.entries(entries).map(([name, entry]) => checkEntry(name, entry, bytes.length - dataStart, where));
  checkOverlap(infos, where);
  const weights = new Map(
    infos.map(
      ({ name, dtype, shape, start, end }) =>
        [name, toTensor(dtype, shape, bytes.subarray(dataStart + start, dataStart + end), widen)] as const,
    ),
  );
  return { weights, metadata: metadata as Record<string, string> };
}

/** A file's bytes; they depend on the weights alone. Names are sorted within widest-type-first order, as the format's own library does. */
export function serializeSafetensors(weights: Weights, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const parts = safetensorsParts(weights, metadata);
  const file = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/** The same bytes one after the other, without a copy of the weights: header, then each tensor as it lies in memory. */
export function safetensorsParts(weights: Weights, metadata: Readonly<Record<string, string>> = {}): readonly Uint8Array[] {
  const tensors = [...weights].sort(([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || (a < b ? -1 : 1));
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let offset = 0;
  for (const [name, { type, dims, data }] of tensors) {
    const elements = dims.reduce((a, b) => a * b, 1);
    if (elements !== data.length) {
      throw new UsageError(
        'weights/invalid',
        `safetensors: ${name} is ${type} [${dims.join(', ')}] with ${data.length} values`,
        'write dense tensors whose dims multiply to their length.',
      );
    }
    header[name] = { dtype: dtypeNames[type], shape: dims, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(text.length / alignment) * alignment;
  const head = new Uint8Array(8 + headerBytes).fill(space);
  new DataView(head.buffer).setBigUint64(0, BigInt(headerBytes), true);
  head.set(text, 8);
  return [head, ...tensors.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength))];
}

const alignment = 8;
const space = 0x20;
/** The limit of the format's own library. */
const longestHeader = 100_000_000;

type Dtype = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I8' | 'U8' | 'BOOL';

const dtypeBytes: { readonly [D in Dtype]: number } = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I8: 1, U8: 1, BOOL: 1 };

const dtypeNames: { readonly [T in TensorType]: Dtype } = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  int64: 'I64',
  int32: 'I32',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
};

type Entry = {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
};

function readHeader(bytes: Uint8Array, where: string): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < 8) throw invalid(where, `the file is ${bytes.length} bytes long, shorter than a header`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > longestHeader || 8 + length > bytes.length)
    throw invalid(where, `its header should be ${length} bytes long, the file has ${bytes.length}`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch (error) {
    throw invalid(where, `its header is not JSON (${(error as Error).message})`);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw invalid(where, 'its header is not a JSON object');
  return { header: header as Record<string, unknown>, dataStart: 8 + length };
}

function checkEntry(name: string, entry: unknown, dataBytes: number, where: string): Entry {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  if (typeof dtype !== 'string' || !Object.hasOwn(dtypeBytes, dtype)) {
    throw invalid(where, `${name} has the type ${JSON.stringify(dtype)}; known are ${Object.keys(dtypeBytes).join(', ')}`);
  }
  if (!isSizes(shape)) throw invalid(where, `${name} has the shape ${JSON.stringify(shape)}`);
  if (!isSizes(offsets) || offsets.length !== 2) throw invalid(where, `${name} has the offsets ${JSON.stringify(offsets)}`);
  const [start, end] = offsets as [number, number];
  if (start > end || end > dataBytes) throw invalid(where, `${name} lies at bytes ${start} to ${end} of ${dataBytes}`);
  const needs = shape.reduce((a, b) => a * b, 1) * dtypeBytes[dtype as Dtype];
  if (needs !== end - start) throw invalid(where, `${name} is ${dtype} [${shape.join(', ')}], ${needs} bytes, but has ${end - start}`);
  return { name, dtype: dtype as Dtype, shape, start, end };
}

function checkOverlap(entries: readonly Entry[], where: string): void {
  const sorted = entries.filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start);
  sorted.forEach((entry, i) => {
    const next = sorted[i + 1];
    if (next && next.start < entry.end) throw invalid(where, `${entry.name} and ${next.name} overlap`);
  });
}

const isSizes = (value: unknown): value is number[] => Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);

function toTensor(dtype: Dtype, dims: readonly number[], bytes: Uint8Array, widen: boolean): Tensor {
  const halves = (): Uint16Array => view(bytes, Uint16Array);
  const readers: { readonly [D in Dtype]: () => Tensor } = {
    F64: () => ({ type: 'float64', dims, data: view(bytes, Float64Array) }),
    F32: () => ({ type: 'float32', dims, data: view(bytes, Float32Array) }),
    F16: () => (widen ? { type: 'float32', dims, data: widenFloat16(halves()) } : { type: 'float16', dims, data: halves() }),
    BF16: () => ({ type: 'float32', dims, data: widenBfloat16(halves()) }),
    I64: () => ({ type: 'int64', dims, data: view(bytes, BigInt64Array) }),
    I32: () => ({ type: 'int32', dims, data: view(bytes, Int32Array) }),
    I8: () => ({ type: 'int8', dims, data: view(bytes, Int8Array) }),
    U8: () => ({ type: 'uint8', dims, data: bytes }),
    BOOL: () => ({ type: 'bool', dims, data: bytes }),
  };
  return readers[dtype]();
}

type ArrayClass<T> = { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBufferLike, byteOffset: number, length: number): T };

/** A view where the alignment allows one, else of a copy. */
function view<T extends TensorData>(bytes: Uint8Array, Type: ArrayClass<T>): T {
  const aligned = bytes.byteOffset % Type.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new Type(aligned.buffer, aligned.byteOffset, bytes.length / Type.BYTES_PER_ELEMENT);
}

function invalid(where: string, what: string): UsageError {
  return new UsageError(
    'weights/invalid',
    `${where}: this is not a whole safetensors file: ${what}`,
    'get the file again from its source (large files may be pointers that still need `git lfs pull`).',
  );
}
