import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder.js';
import { cast, mul } from '../graph/ops/elementwise.js';
import { toOnnx } from '../onnx/to-onnx.js';
import { createSession as createNodeSession } from './node.js';
import type { Tensor } from './session.js';
import { createSession as createWebSession } from './web.js';

const builder = new GraphBuilder();
const x = builder.input('x', ['n']);
const outputs = [mul(builder, x, x), cast(builder, x, 'float16'), cast(builder, x, 'bool')];
const names = ['square', 'half', 'nonzero'];
const model = toOnnx(builder.graph(outputs), { outputNames: new Map(outputs.map(({ name }, i) => [name, names[i]!])) });
const floats = (...values: number[]): Tensor => ({ type: 'float32', dims: [values.length], data: Float32Array.from(values) });

test('a session in node runs into what it is given, and makes no array of its own', async () => {
  const kept = toOnnx(builder.graph(outputs.slice(0, 1)), { outputNames: new Map([[outputs[0]!.name, 'square']]), keepsOutputs: true });
  const session = await createNodeSession(kept, { threads: 1 });
  const [given, square] = [new Float32Array(1 << 20).fill(3), new Float32Array(1 << 20)];
  const tensors = [given, square].map((data): Tensor => ({ type: 'float32', dims: [data.length], data }));
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 4; i++) expect(await session.runInto({ x: tensors[0]! }, { square: tensors[1]! })).toBeUndefined();
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(given.byteLength);
  expect(square.every((value) => value === 9)).toBe(true);
  await expect(session.runInto({}, { square: tensors[1]! })).rejects.toThrow(/input 'x'/);
  const results = await session.run({ x: floats(2) }, { square: null });
  expect(results).toEqual({ square: floats(4) });
  await session.dispose();
});

describe.each([
  ['node', createNodeSession, 'cpu'],
  ['web', createWebSession, 'wasm'],
] as const)('a session in %s', (_where, createSession, provider) => {
  test('gives every output by name, with its type and dims', async () => {
    const session = await createSession(model, { providers: [provider], threads: 1 });
    expect(session.inputNames).toEqual(['x']);
    expect(session.outputNames).toEqual(names);
    expect(await session.run({ x: floats(1, -2, 0) })).toEqual({
      square: floats(1, 4, 0),
      half: { type: 'float16', dims: [3], data: Uint16Array.of(0x3c00, 0xc000, 0) },
      nonzero: { type: 'bool', dims: [3], data: Uint8Array.of(1, 1, 0) },
    });
    await session.dispose();
  });

  test('computes only the outputs that are named, and writes into those that are given', async () => {
    const session = await createSession(model, { providers: [provider], threads: 1 });
    const square = floats(0, 0);
    const results = await session.run({ x: floats(3, 4) }, { square, half: null });
    expect(Object.keys(results)).toEqual(['square', 'half']);
    expect(results.square).toBe(square);
    expect([...(square.data as Float32Array)]).toEqual([9, 16]);
  });

  test('an input that is missing or of another rank is named', async () => {
    const session = await createSession(model, { providers: [provider], threads: 1 });
    await expect(session.run({})).rejects.toMatchObject({ code: 'runtime/model', message: expect.stringContaining("input 'x'") });
    await expect(session.run({ x: { ...floats(1), dims: [1, 1] } })).rejects.toThrow(/feed the inputs \[x\]/);
  });

  test('bytes that are no model are refused', async () => {
    await expect(createSession(Uint8Array.of(1, 2, 3), { providers: [provider] })).rejects.toMatchObject({ code: 'runtime/model' });
  });

  test('a provider that is absent is passed over, and the session says so', async () => {
    const other = provider === 'cpu' ? 'wasm' : 'cuda';
    const session = await createSession(model, { providers: [other, provider], threads: 1 });
    expect(session.provider).toBe(provider);
    expect(session.fallbacks).toEqual([expect.stringMatching(new RegExp(`^${other}: `))]);
    await expect(createSession(model, { providers: [other] })).rejects.toMatchObject({ code: 'runtime/provider' });
  });
});

describe('a model file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'copydesk-session-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('is loaded by its path, with any options', async () => {
    const path = join(folder, 'model.onnx');
    await writeFile(path, model);
    const session = await createNodeSession(path, { optimization: 'basic', threads: 2, spinning: false });
    expect((await session.run({ x: floats(5) })).square).toEqual(floats(25));
  });

  test('is named when it is not there', async () => {
    await expect(createNodeSession(join(folder, 'nowhere.onnx'))).rejects.toThrow(/there is no model file at .*nowhere.onnx/);
  });
});
