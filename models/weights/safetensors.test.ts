import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tensor } from '../runtime/session.js';
import { readWeights, writeWeights } from './node.js';
import { parseSafetensors, serializeSafetensors } from './safetensors.js';

const every: readonly (readonly [string, Tensor])[] = [
  ['f32', { type: 'float32', dims: [2, 2], data: Float32Array.of(1.5, -2, 3, 4) }],
  ['f64', { type: 'float64', dims: [1], data: Float64Array.of(Math.PI) }],
  ['f16', { type: 'float16', dims: [3], data: Uint16Array.of(0x3c00, 0xc000, 0x0001) }],
  ['i64', { type: 'int64', dims: [2], data: BigInt64Array.of(-1n, 1n << 60n) }],
  ['i32', { type: 'int32', dims: [1], data: Int32Array.of(-7) }],
  ['i8', { type: 'int8', dims: [3], data: Int8Array.of(-1, 0, 1) }],
  ['u8', { type: 'uint8', dims: [3], data: Uint8Array.of(1, 2, 255) }],
  ['bool', { type: 'bool', dims: [2], data: Uint8Array.of(1, 0) }],
  ['scalar', { type: 'float32', dims: [], data: Float32Array.of(9) }],
  ['empty', { type: 'float32', dims: [0, 4], data: new Float32Array() }],
];

describe('safetensors', () => {
  test('every type comes back as it went in, with the metadata', () => {
    const { weights, metadata } = parseSafetensors(serializeSafetensors(new Map(every), { format: 'pt' }), 'memory');
    expect(metadata).toEqual({ format: 'pt' });
    expect(Object.fromEntries(weights)).toEqual(Object.fromEntries(every));
  });

  test('the bytes do not depend on the order of the weights', () => {
    expect(serializeSafetensors(new Map([...every].reverse()))).toEqual(serializeSafetensors(new Map(every)));
  });

  test('data is read from any offset in memory', () => {
    const file = serializeSafetensors(new Map(every));
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    expect(Object.fromEntries(parseSafetensors(shifted.subarray(1), 'memory').weights)).toEqual(Object.fromEntries(every));
    expect(Object.fromEntries(parseSafetensors(Buffer.from(shifted).subarray(1), 'memory').weights)).toEqual(Object.fromEntries(every));
  });

  test('float16 is widened on request: normal, subnormal, infinite and not a number', () => {
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x8000, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0x3555);
    const file = serializeSafetensors(new Map([['x', { type: 'float16', dims: [9], data: halves } as Tensor]]));
    const x = parseSafetensors(file, 'memory', { widen: true }).weights.get('x')!;
    expect(x.type).toBe('float32');
    expect([...(x.data as Float32Array)]).toEqual([1, -2, 2 ** -24, -0, 65504, Infinity, -Infinity, NaN, 0.333251953125]);
  });

  test('bfloat16 is the upper half of a float32', () => {
    const bits = new Uint32Array(Float32Array.of(1, -2.5, Infinity).buffer);
    const file = rawFile(
      { x: { dtype: 'BF16', shape: [3], data_offsets: [0, 6] } },
      new Uint8Array(Uint16Array.from(bits, (b) => b >>> 16).buffer),
    );
    expect(parseSafetensors(file, 'memory').weights.get('x')).toEqual({
      type: 'float32',
      dims: [3],
      data: Float32Array.of(1, -2.5, Infinity),
    });
  });

  test('dims that do not multiply to the length are not written', () => {
    expect(() => serializeSafetensors(new Map([['x', { type: 'float32', dims: [3], data: new Float32Array(2) }]]))).toThrow(
      /x is float32 \[3\] with 2 values/,
    );
  });
});

const eight = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
describe('a damaged file is refused', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['too short for a header', Uint8Array.of(1, 2, 3), /3 bytes long/],
    ['a header longer than the file', Uint8Array.of(255, 0, 0, 0, 0, 0, 0, 0, 1), /header should be 255 bytes/],
    ['a header that is not JSON', rawFile('{x', new Uint8Array()), /header is not JSON/],
    ['a header that is a list', rawFile('[]', new Uint8Array()), /not a JSON object/],
    ['an unknown type', rawFile({ x: { ...eight, dtype: 'F4' } }, new Uint8Array(8)), /x has the type "F4"/],
    ['a type that only objects have', rawFile({ x: { ...eight, dtype: 'toString' } }, new Uint8Array(8)), /x has the type "toString"/],
    ['an entry that is null', rawFile({ x: null }, new Uint8Array(8)), /x has the type undefined/],
    ['a negative dim', rawFile({ x: { ...eight, shape: [-2] } }, new Uint8Array(8)), /x has the shape \[-2\]/],
    ['offsets past the end', rawFile({ x: eight }, new Uint8Array(7)), /x lies at bytes 0 to 8 of 7/],
    ['offsets that run backwards', rawFile({ x: { ...eight, data_offsets: [8, 0] } }, new Uint8Array(8)), /bytes 8 to 0/],
    ['a shape that its bytes do not fit', rawFile({ x: { ...eight, shape: [3] } }, new Uint8Array(8)), /12 bytes, but has 8/],
    ['tensors that overlap', rawFile({ x: eight, y: { ...eight, data_offsets: [4, 12] } }, new Uint8Array(12)), /x and y overlap/],
  ])('%s', (_what, file, message) => {
    expect(() => parseSafetensors(file, 'model.safetensors')).toThrow(message);
    expect(() => parseSafetensors(file, 'model.safetensors')).toThrow(expect.objectContaining({ code: 'weights/invalid' }));
  });
});

describe('weights on disk', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'copydesk-weights-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('shards are read through their index, whole or not at all', async () => {
    const index = { weight_map: { f32: 'model-1.safetensors', i64: 'model-2.safetensors' } };
    await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify(index));
    await writeWeights(join(folder, 'model-1.safetensors'), new Map(every.slice(0, 1)));
    await expect(readWeights(folder)).rejects.toThrow(/model-2.safetensors is missing/);
    await writeWeights(join(folder, 'model-2.safetensors'), new Map(every.slice(3, 4)));
    expect([...(await readWeights(folder)).keys()]).toEqual(['f32', 'i64']);
    await writeWeights(join(folder, 'model-2.safetensors'), new Map(every.slice(4, 5)));
    await expect(readWeights(folder)).rejects.toThrow(/i64 is not in model-2.safetensors/);
  });

  test.each(['../model.safetensors', '..', 'a\\b'])('a shard named %j is not followed', async (shard) => {
    const path = join(folder, 'odd.index.json');
    await writeFile(path, JSON.stringify({ weight_map: { x: shard } }));
    await expect(readWeights(path)).rejects.toThrow(/not a plain file name/);
  });

  test('a folder without safetensors says what to do with what it has', async () => {
    const old = await mkdtemp(join(folder, 'old-'));
    await expect(readWeights(old)).rejects.toMatchObject({ code: 'weights/missing' });
    await writeFile(join(old, 'pytorch_model.bin'), '');
    await expect(readWeights(old)).rejects.toThrow(/convert pytorch_model.bin/);
    await expect(readWeights(join(folder, 'nowhere'))).rejects.toThrow(/no such file or folder/);
  });

  test.skipIf(!existsSync('test/golden/bert/model.safetensors'))(
    'a file that Python wrote is read and written back with the same tensors',
    async () => {
      const weights = await readWeights('test/golden/bert/model.safetensors');
      expect(weights.size).toBeGreaterThan(10);
      const copy = join(folder, 'copy.safetensors');
      await writeWeights(copy, weights);
      expect(Object.fromEntries(await readWeights(copy))).toEqual(Object.fromEntries(weights));
    },
  );
});

function rawFile(header: unknown, data: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(data, 8 + text.length);
  return file;
}
