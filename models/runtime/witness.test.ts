import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder.js';
import { add, mul } from '../graph/ops/elementwise.js';
import { toOnnx } from '../onnx/to-onnx.js';
import { createSession, type NodeSessionOptions } from './node-session.js';
import type { Session } from './session.js';
import { openWitnessed, readPlacement } from './witness.js';

const builder = new GraphBuilder();
const x = builder.input('x', ['n']);
const y = add(builder, mul(builder, x, x), x);
const bytes = toOnnx(builder.graph([y]), { outputNames: new Map([[y.name, 'y']]) });

let folder: string;
let model: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-witness-'));
  model = join(folder, 'model.onnx');
  await writeFile(model, bytes);
});
afterAll(() => rm(folder, { recursive: true }));

const tryOut = async (session: Session): Promise<void> => {
  await session.run({ x: { type: 'float32', dims: [2], data: Float32Array.of(1, 2) } });
};

test('a session of the CPU alone is not profiled: nothing else can have run', async () => {
  const { session, placement } = await openWitnessed(model, { threads: 1 }, tryOut);
  expect({ provider: session.provider, fallbacks: session.fallbacks, placement }).toEqual({
    provider: 'cpu',
    fallbacks: [],
    placement: undefined,
  });
});

test('a provider that is absent is passed over with its reason, and the profile shows what ran instead', async () => {
  const { session, placement } = await openWitnessed(model, { providers: ['cuda', 'cpu'], threads: 1 }, tryOut);
  expect(session.provider).toBe('cpu');
  expect(session.fallbacks).toEqual([expect.stringMatching(/^cuda: .+/)]);
  expect(placement).toEqual({ cpu: 2 }); // the product and the sum
});

test('a provider that is absent and the only one asked for is an error with the reason', async () => {
  await expect(openWitnessed(model, { providers: ['cuda'] }, tryOut)).rejects.toMatchObject({
    code: 'runtime/provider',
    message: expect.stringMatching(/none of the providers \[cuda\] works here: cuda: /),
  });
});

/** A runtime that opens a model with whatever it is asked for, and computes it with `really`. */
const boaster = (really: string) => async (path: string, options: NodeSessionOptions) => {
  const [provider, ...others] = options.providers!;
  const real = await createSession(path, { ...options, providers: ['cpu'] });
  const endProfile = (): void => {
    real.endProfile();
    if (options.profileIn === undefined) return;
    for (const file of readdirSync(options.profileIn)) rmSync(join(options.profileIn, file));
    writeFileSync(join(options.profileIn, 'p.json'), JSON.stringify([{ cat: 'Node', name: 'mul', args: { provider: really } }]));
  };
  return { ...real, provider: provider!, fallbacks: others.length === 0 ? [] : real.fallbacks, endProfile };
};

test('a provider that opens the model and leaves all of it to the CPU is passed over', async () => {
  const { session, placement } = await openWitnessed(model, { providers: ['cuda', 'cpu'] }, tryOut, boaster('CPUExecutionProvider'));
  expect(session.provider).toBe('cpu');
  expect(session.fallbacks).toEqual(['cuda: the runtime opened the model with it, and then computed all of it on the CPU.']);
  expect(placement).toBeUndefined(); // only the CPU was left: nothing to watch
  await expect(openWitnessed(model, { providers: ['cuda'] }, tryOut, boaster('CPUExecutionProvider'))).rejects.toMatchObject({
    code: 'runtime/provider',
    message: expect.stringContaining('computed all of it on the CPU'),
  });
});

test('a provider that computes is kept, with how much it computes', async () => {
  const { session, placement } = await openWitnessed(model, { providers: ['cuda', 'cpu'] }, tryOut, boaster('CUDAExecutionProvider'));
  expect({ provider: session.provider, fallbacks: session.fallbacks, placement }).toEqual({ provider: 'cuda', fallbacks: [], placement: { cuda: 1 } }); // biome-ignore format: one line
});

test('a provider whose first run fails is passed over with what it said', async () => {
  const failing = async (session: Session): Promise<void> => {
    if (session.provider === 'cuda') throw new Error('CUDNN_STATUS_NOT_INITIALIZED\n at some place');
  };
  const { session } = await openWitnessed(model, { providers: ['cuda', 'cpu'] }, failing, boaster('CUDAExecutionProvider'));
  expect(session).toMatchObject({ provider: 'cpu', fallbacks: ['cuda: its first run failed: CUDNN_STATUS_NOT_INITIALIZED'] });
});

test('a fault of the model itself is not laid on the provider', async () => {
  const failing = async (): Promise<void> => {
    throw new Error('the model divides by zero');
  };
  await expect(openWitnessed(model, { providers: ['cuda', 'cpu'] }, failing)).rejects.toThrow('the model divides by zero');
});

test('the profile names the provider of each operation once, however often it ran', async () => {
  const node = (name: string, provider: string) => ({ cat: 'Node', name, args: { provider } });
  const events = [{ cat: 'Session', name: 'run' }, node('a', 'WebGpuExecutionProvider'), node('a', 'WebGpuExecutionProvider'), node('b', 'CPUExecutionProvider')]; // biome-ignore format: one line
  const at = await mkdtemp(join(folder, 'profile-'));
  expect(await readPlacement(at)).toBeUndefined(); // nothing was written
  await writeFile(join(at, 'p.json'), JSON.stringify(events));
  expect(await readPlacement(at)).toEqual({ webgpu: 1, cpu: 1 });
  await writeFile(join(at, 'p.json'), JSON.stringify(events).slice(0, 40));
  expect(await readPlacement(at)).toBeUndefined();
});

/** Without a graphics card, `VK_ICD_FILENAMES` can name that of SwiftShader, and `LD_LIBRARY_PATH` the folder of libvulkan.so.1. */
const webgpu = await createSession(bytes, { providers: ['webgpu'] }).then(
  (session) => session.dispose().then(() => true),
  () => false,
);
test.skipIf(!webgpu)('where there is WebGPU, the profile shows it at work', async () => {
  const { session, placement } = await openWitnessed(model, { providers: ['webgpu', 'cpu'] }, tryOut);
  expect(session).toMatchObject({ provider: 'webgpu', fallbacks: [] });
  expect(placement?.webgpu).toBeGreaterThan(0);
});
