import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findings } from './findings.js';
import { wantedBy } from './gather-cuda.js';
import { neededNode } from './gather-node.js';
import type { MachineFacts, ProviderProbe } from './machine-facts.js';

const works = (provider: string, textsPerSecond: number, operations?: Record<string, number>): ProviderProbe => ({ works: true, provider, textsPerSecond, operations }); // biome-ignore format: one line
const fails = (reason: string) => ({ works: false, reason }) as const;

/** A plain machine without a graphics card. */
const plainMachine: MachineFacts = {
  node: { version: '20.20.0', needed: 20, platform: 'linux', arch: 'x64', glibc: '2.36' },
  npm: { version: '11.0.0', ignoreScripts: false, runtimeInstall: 'skip' },
  runtime: { loads: true, version: '1.30.0', providers: ['cpu', 'webgpu'] },
  cpu: { model: 'Some processor', cores: 8, allowed: undefined, flags: ['avx2', 'avx512f', 'avx512_vnni'], probe: works('cpu', 1234) },
  memory: { total: 16 * 2 ** 30, free: 8 * 2 ** 30, allowed: undefined },
  cuda: { driver: undefined, cards: [], provider: undefined, libraries: [], probe: undefined },
  webgpu: { probe: fails('no adapter') },
  tensorflow: { package: undefined, addon: false, probe: undefined },
  disk: { here: 50 * 2 ** 30, temporary: 50 * 2 ** 30 },
  models: [{ folder: 'zoo/a/1', name: 'a@1' }],
  port: { number: 8000, problem: undefined },
  clock: { now: '2026-06-01T00:00:00.000Z', notBefore: '2026-01-01T00:00:00.000Z' },
};

const card = { driver: '580.65', cards: ['NVIDIA L4'], provider: '/ort/libonnxruntime_providers_cuda.so' };

const said = (changed: Partial<MachineFacts>) => findings({ ...plainMachine, ...changed });
const of = (topic: keyof MachineFacts, changed: Partial<MachineFacts>) => said(changed).filter((finding) => finding.topic === topic);

test('on a plain machine nothing is wrong, and what is absent is said with the way to get it', () => {
  const found = said({});
  expect(found.filter(({ state }) => state === 'wrong' || state === 'hint')).toEqual([]);
  expect(found.filter(({ state }) => state === 'absent').map(({ topic, fix }) => [topic, fix !== undefined])).toEqual([
    ['cuda', true],
    ['webgpu', true],
    ['tensorflow', true],
  ]);
  expect(new Set(found.map(({ topic }) => topic))).toEqual(new Set(Object.keys(plainMachine)));
});

test.each<[string, Partial<MachineFacts>, keyof MachineFacts, RegExp, RegExp]>([
  ['an old Node', { node: { ...plainMachine.node, version: '18.19.0' } }, 'node', /18\.19\.0.*too old/, /Node 20 or later/],
  ['Alpine', { node: { ...plainMachine.node, glibc: undefined } }, 'node', /not glibc/, /bookworm-slim/],
  ['a runtime that does not load', { runtime: { loads: false, reason: 'wrong ELF class' } }, 'runtime', /wrong ELF class/, /npm ci/],
  [
    'a model that does not run',
    { cpu: { ...plainMachine.cpu, probe: fails('illegal instruction') } },
    'cpu',
    /does not run.*illegal instruction/,
    /verify/,
  ],
  [
    'a damaged model',
    { models: [{ folder: 'zoo/a/1', problem: 'onnx/model.onnx is 3 bytes', fix: 'get it again.' }] },
    'models',
    /zoo\/a\/1: onnx/,
    /get it again/,
  ],
  [
    'a clock that is wrong',
    { clock: { now: '1970-01-01T00:00:00.000Z', notBefore: '2026-01-01T00:00:00.000Z' } },
    'clock',
    /1970.*before the models/,
    /ntp/,
  ],
])('%s is wrong, with what to do', (_what, changed, topic, text, fix) => {
  expect(of(topic, changed).filter(({ state }) => state === 'wrong')).toEqual([
    { topic, state: 'wrong', text: expect.stringMatching(text), fix: expect.stringMatching(fix) },
  ]);
});

test.each<[string, Partial<MachineFacts>, keyof MachineFacts, RegExp]>([
  [
    'npm that would fetch CUDA',
    { npm: { version: '10.0.0', ignoreScripts: false, runtimeInstall: undefined } },
    'npm',
    /onnxruntime-node-install=skip/,
  ],
  ['a tenth of a core', { cpu: { ...plainMachine.cpu, allowed: 0.1 } }, 'cpu', /at least one core/],
  ['no AVX2', { cpu: { ...plainMachine.cpu, flags: ['sse4_2'] } }, 'cpu', /CPU type "host"/],
  ['little memory', { memory: { ...plainMachine.memory, allowed: 2 ** 29 } }, 'memory', /--workers 1/],
  ['a full disk', { disk: { ...plainMachine.disk, here: 2 ** 20 } }, 'disk', /make room/],
  ['nowhere for temporary files', { disk: { ...plainMachine.disk, temporary: undefined } }, 'disk', /TMPDIR/],
  ['a port that is taken', { port: { number: 8000, problem: 'something listens there' } }, 'port', /--port/],
  ['no models', { models: [] }, 'models', /--models/],
])('%s is a hint, with what to do', (_what, changed, topic, fix) => {
  expect(of(topic, changed).filter(({ state }) => state === 'hint').map((finding) => finding.fix)).toEqual([expect.stringMatching(fix)]); // biome-ignore format: one line
});

test('the limit of a container is named beside the cores of the machine', () => {
  expect(of('cpu', { cpu: { ...plainMachine.cpu, allowed: 2 } })[0]!.text).toMatch(/8 cores, of which this container may use 2/);
});

test.each([
  [['avx2', 'avx512f', 'avx512_vnni'], /AVX2, AVX-512, VNNI: int8 models gain most/],
  [['avx2'], /^AVX2; without VNNI/],
  [['asimd', 'asimddp'], /^NEON, dot products/],
])('of %j it is said what int8 gains', (flags, text) => {
  expect(of('cpu', { cpu: { ...plainMachine.cpu, flags } })[1]!.text).toMatch(text);
});

test.each<[string, Partial<MachineFacts['cuda']>, string, RegExp, RegExp]>([
  ['no driver', {}, 'absent', /no NVIDIA driver/, /gpus all/],
  [
    'a card without the provider library',
    { ...card, provider: undefined },
    'hint',
    /NVIDIA L4, driver 580\.65: not used/,
    /ONNXRUNTIME_NODE_INSTALL=cuda12/,
  ],
  [
    'no cuDNN',
    {
      ...card,
      libraries: [
        { name: 'libcudart.so.13', path: '/cuda/libcudart.so.13' },
        { name: 'libcudnn.so.9', path: undefined },
      ],
    },
    'hint',
    /wants libcudnn\.so\.9, not found/,
    /^install cuDNN 9 \(.*LD_LIBRARY_PATH/,
  ],
  [
    'no CUDA runtime',
    { ...card, libraries: [{ name: 'libcublasLt.so.13', path: undefined }] },
    'hint',
    /wants libcublasLt\.so\.13/,
    /^install the CUDA 13 runtime \(/,
  ],
  ['all there, and it fails', { ...card, probe: fails('no device') }, 'hint', /not used: no device/, /driver is new enough/],
  ['a fall-back without a word', { ...card, probe: works('cpu', 10) }, 'hint', /computes on cpu instead/, /driver/],
  [
    'CUDA at work',
    { ...card, probe: works('cuda', 9000, { cuda: 90, cpu: 10 }) },
    'ok',
    /about 9,000 .* on NVIDIA L4 \(90 of the model's 100 operations; the others on the CPU\)/,
    /--providers cuda,cpu/,
  ],
])('CUDA: %s', (_what, cuda, state, text, fix) => {
  expect(of('cuda', { cuda: { ...plainMachine.cuda, ...cuda } })).toEqual([
    { topic: 'cuda', state, text: expect.stringMatching(text), fix: expect.stringMatching(fix) },
  ]);
});

const tfjs = '@tensorflow/tfjs-node';
test.each<[string, MachineFacts['tensorflow'], string, RegExp, RegExp]>([
  ['nothing', { package: undefined, addon: false, probe: undefined }, 'absent', /no second training engine/, /--build-tensorflow/],
  ['no library', { package: tfjs, addon: false, probe: undefined }, 'absent', /without its native library/, /--build-tensorflow/],
  [
    'a library that fails',
    { package: tfjs, addon: true, probe: fails('wrong version.') },
    'hint',
    /does not load: wrong version$/,
    /build it against/,
  ],
  [
    'all of it',
    { package: tfjs, addon: true, probe: { works: true, device: 'cpu', version: '2.21.0', withoutXla: undefined } },
    'ok',
    /TensorFlow 2\.21\.0 on the cpu by @tensorflow\/tfjs-node; XLA compiles/,
    /--device tfjs/,
  ],
  [
    'no XLA',
    { package: tfjs, addon: true, probe: { works: true, device: 'gpu', version: undefined, withoutXla: 'not built in' } },
    'ok',
    /TensorFlow on the gpu.*without XLA \(not built in\)/,
    /--device tfjs/,
  ],
])('TensorFlow: %s', (_what, tensorflow, state, text, fix) => {
  expect(of('tensorflow', { tensorflow })).toEqual([
    { topic: 'tensorflow', state, text: expect.stringMatching(text), fix: expect.stringMatching(fix) },
  ]);
});

test('on a Mac nobody is told to install CUDA', () => {
  const [finding] = of('cuda', { node: { ...plainMachine.node, platform: 'darwin', arch: 'arm64' } });
  expect(finding).toMatchObject({ state: 'absent', text: expect.stringMatching(/Linux only/) });
  expect(finding).not.toHaveProperty('fix');
});

test.each<[string, ProviderProbe, string, RegExp]>([
  ['faster than a core', works('webgpu', 5000), 'ok', /about 5,000/],
  ['a software driver', works('webgpu', 30, { webgpu: 154, cpu: 8 }), 'hint', /154 of the model's 162 operations.*slower than one core/],
  ['opened, and left to the CPU', works('cpu', 30), 'absent', /computes it on cpu/],
])('WebGPU: %s', (_what, probe, state, text) => {
  expect(of('webgpu', { webgpu: { probe } })).toMatchObject([{ state, text: expect.stringMatching(text) }]);
});

test('the libraries that a provider wants are read from ldd', () => {
  const ldd = `	linux-vdso.so.1 (0x00007ffd)
	libcublasLt.so.13 => not found
	libcudart.so.13 => /usr/local/cuda/lib64/libcudart.so.13 (0x00007f)
	libcudnn.so.9 => not found
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)`;
  expect(wantedBy(ldd)).toEqual([
    { name: 'libcublasLt.so.13', path: undefined },
    { name: 'libcudart.so.13', path: '/usr/local/cuda/lib64/libcudart.so.13' },
    { name: 'libcudnn.so.9', path: undefined },
  ]);
});

test('the oldest Node is that of package.json', () => {
  const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { engines: { node: string } };
  expect(engines.node).toBe(`>=${neededNode}`);
});
