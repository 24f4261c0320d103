/** @file Where in the bytes of an `.onnx` file each initialiser lies, so that another file can point there. */
import protobuf from 'protobufjs';

export type Stored = {
  /** In bytes from the start of the file. */
  readonly offset: number;
  readonly length: number;
  readonly dims: readonly number[];
  /** As onnx.proto numbers them: 1 is float32. */
  readonly dataType: number;
};

/** Field numbers of onnx.proto: ModelProto.graph, GraphProto.initializer, and of TensorProto. */
const fields = { graph: 7, initializer: 5, dims: 1, dataType: 2, name: 8, rawData: 9 } as const;

/** By name. Initialisers that are not stored as raw bytes are left out. */
export function storedAt(bytes: Uint8Array): ReadonlyMap<string, Stored> {
  const places = new Map<string, Stored>();
  eachField(bytes, 0, bytes.length, ({ field, start, end }) => {
    if (field !== fields.graph) return;
    eachField(bytes, start, end, (inner) => {
      if (inner.field !== fields.initializer) return;
      const { name, ...place } = tensorAt(bytes, inner.start, inner.end);
      if (place.offset > 0) places.set(name, place);
    });
  });
  return places;
}

function tensorAt(bytes: Uint8Array, from: number, to: number): Stored & { readonly name: string } {
  const found = { name: '', offset: 0, length: 0, dims: [] as number[], dataType: 0 };
  eachField(bytes, from, to, ({ field, start, end, value }) => {
    if (field === fields.name) found.name = new TextDecoder().decode(bytes.subarray(start, end));
    if (field === fields.rawData) Object.assign(found, { offset: start, length: end - start });
    if (field === fields.dataType) found.dataType = value ?? 0;
    // Dims are numbers one by one, or all of them packed together.
    if (field === fields.dims) found.dims.push(...(value === undefined ? numbersIn(bytes, start, end) : [value]));
  });
  return found;
}

function numbersIn(bytes: Uint8Array, start: number, end: number): readonly number[] {
  const reader = protobuf.Reader.create(bytes);
  const numbers: number[] = [];
  for (reader.pos = start; reader.pos < end; ) numbers.push(Number(reader.int64()));
  return numbers;
}

/** A field with a length has its content from `start` to `end`; one that is a number has `value`. */
type Field = { readonly field: number; readonly start: number; readonly end: number; readonly value?: number };

function eachField(bytes: Uint8Array, start: number, end: number, see: (field: Field) => void): void {
  const reader = protobuf.Reader.create(bytes);
  for (reader.pos = start; reader.pos < end; ) {
    const tag = reader.uint32();
    const field = tag >>> 3;
    if ((tag & 7) === 0) see({ field, start: reader.pos, value: Number(reader.int64()), end: reader.pos });
    else if ((tag & 7) === 2) {
      const length = reader.uint32();
      see({ field, start: reader.pos, end: reader.pos + length });
      reader.skip(length);
    } else reader.skipType(tag & 7);
  }
}
