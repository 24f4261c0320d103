/** @file Where in the bytes of an `.onnx` file each initialiser lies, so that another file can point there. */
import protobuf from 'protobufjs';

/** Field numbers of onnx.proto: ModelProto.graph, GraphProto.initializer, TensorProto.name and raw_data. */
const fields = { graph: 7, initializer: 5, name: 8, rawData: 9 } as const;

/** By name, in bytes from the start. Initialisers that are not stored as raw bytes are left out. */
export function storedAt(bytes: Uint8Array): ReadonlyMap<string, { readonly offset: number; readonly length: number }> {
  const places = new Map<string, { offset: number; length: number }>();
  eachField(bytes, 0, bytes.length, (field, start, end) => {
    if (field !== fields.graph) return;
    eachField(bytes, start, end, (inner, from, to) => {
      if (inner !== fields.initializer) return;
      let name = '';
      let place: { offset: number; length: number } | undefined;
      eachField(bytes, from, to, (part, at, until) => {
        if (part === fields.name) name = new TextDecoder().decode(bytes.subarray(at, until));
        if (part === fields.rawData) place = { offset: at, length: until - at };
      });
      if (place) places.set(name, place);
    });
  });
  return places;
}

/** Calls `see` with the content of each field that has a length. */
function eachField(bytes: Uint8Array, start: number, end: number, see: (field: number, start: number, end: number) => void): void {
  const reader = protobuf.Reader.create(bytes);
  for (reader.pos = start; reader.pos < end; ) {
    const tag = reader.uint32();
    if ((tag & 7) !== 2) {
      reader.skipType(tag & 7);
      continue;
    }
    const length = reader.uint32();
    see(tag >>> 3, reader.pos, reader.pos + length);
    reader.skip(length);
  }
}
