/** @file The architecture, executable: which folder may import which, only through its doors, and never in a circle. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What each folder may import, besides itself. `cli` sees everything; nothing sees `cli`. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  models: [],
  training: ['models'],
  export: ['models', 'training'],
  'serving/protocol': ['models'],
  'serving/access': ['models', 'serving/protocol'],
  'serving/batching': [],
  'serving/policy': ['models'],
  'serving/workers': ['models'],
  'serving/review': ['models', 'serving/protocol'],
  'serving/tracing': ['models'],
  'serving/explain': ['models', 'serving/protocol'],
  'serving/desk': [
    'serving/tracing',
    'models',
    'serving/policy',
    'serving/protocol',
    'serving/batching',
    'serving/workers',
    'serving/explain',
  ],
  'serving/dialects': ['models', 'serving/protocol', 'serving/access', 'serving/desk'],
  'serving/jobs': ['models', 'serving/protocol', 'serving/desk', 'serving/workers'],
  'serving/http': [
    'serving/jobs',
    'serving/review',
    'serving/tracing',
    'models',
    'serving/dialects',
    'serving/policy',
    'serving/protocol',
    'serving/access',
    'serving/desk',
    'serving/workers',
  ],
  'serving/settings': ['models', 'serving/desk', 'serving/http'],
  'serving/deploy': ['models', 'serving/http', 'serving/testing'],
  'serving/personal': ['models'],
  'serving/client/asking': ['models', 'serving/protocol'],
  'serving/client/remote': ['serving/client/asking', 'serving/protocol'],
  'serving/client/web': ['serving/client/asking', 'models', 'serving/protocol', 'serving/explain', 'serving/personal'],
  'serving/client/element': ['serving/client/asking', 'serving/client/remote', 'serving/client/web', 'models'],
  'serving/client/offline': [],
  'serving/client/page': [
    'serving/client/asking',
    'serving/client/remote',
    'serving/client/web',
    'serving/client/offline',
    'models',
    'serving/protocol',
    'serving/personal',
  ],
  'serving/testing': ['models'],
  'serving/bench': ['models', 'serving/protocol', 'serving/desk', 'serving/http', 'serving/workers', 'serving/testing'],
  serving: [
    'serving/jobs',
    'serving/review',
    'serving/tracing',
    'serving/policy',
    'serving/access',
    'serving/http',
    'serving/desk',
    'serving/protocol',
    'serving/settings',
  ],
  loadtest: ['training'],
  cli: ['models', 'training', 'export', 'serving'],
};
/** Of a folder's own parts, what each may import, types among it; `models` itself, by its index, every one of them. */
const partsImport: Readonly<Record<string, readonly string[]>> = {
  'models/architectures': ['graph', 'layers'],
  'models/bench': ['runtime'],
  'models/bundle': ['runtime', 'text'],
  'models/charts': [],
  'models/generation': ['architectures', 'graph', 'onnx', 'runtime', 'text', 'weights'],
  'models/graph': ['runtime'],
  'models/hub': ['bundle'],
  'models/layers': ['graph'],
  'models/onnx': ['graph', 'runtime'],
  'models/rows': [],
  'models/run': ['architectures', 'bundle', 'onnx', 'weights'],
  'models/runtime': ['bundle', 'onnx', 'text'],
  'models/text': ['bundle', 'runtime', 'weights'],
  'models/weights': ['bundle', 'layers', 'runtime'],
  'training/audit': ['data', 'metrics', 'report'],
  'training/augmentation': ['data', 'pretraining', 'trainer'],
  'training/autodiff': ['objective'],
  'training/data': [],
  'training/engines': ['autodiff', 'kernels', 'objective', 'optimizers'],
  'training/kernels': [],
  'training/logs': ['trainer'],
  'training/losses': ['data'],
  'training/metrics': ['data'],
  'training/objective': ['autodiff', 'data', 'engines', 'losses'],
  'training/optimizers': [],
  'training/pretraining': ['data', 'engines', 'objective', 'optimizers', 'report', 'trainer'],
  'training/report': ['data', 'metrics'],
  'training/study': ['data', 'metrics', 'report', 'trainer'],
  'training/trainer': ['augmentation', 'data', 'engines', 'logs', 'losses', 'metrics', 'objective', 'optimizers', 'report'],
};
const folders = Object.keys(mayImport).sort((a, b) => b.length - a.length);
const folderOf = (path: string): string | undefined => folders.find((folder) => path.startsWith(`${folder}/`));

/** Files that other folders may import: each folder's index, the doors of `models` that need Node or a browser, and what tests share. */
const isDoor = (path: string): boolean =>
  /(^|\/)index\.ts$/.test(path) || path.startsWith('serving/testing/') || /^models\/[a-z]+\/(node|web|webgpu)\.ts$/.test(path);

/** Packages that one folder alone may import, or a few. */
const packageHomes: Readonly<Record<string, string | readonly string[]>> = {
  'onnxruntime-node': 'models/runtime/',
  'onnxruntime-web': 'models/runtime/',
  express: 'serving/http/',
  tokenizers: 'models/text/',
  '@huggingface/tokenizers': 'models/text/',
  '@huggingface/transformers': 'export/runtimes/',
  '@huggingface/hub': 'models/hub/',
  protobufjs: ['models/onnx/', 'training/engines/tensorflow/'],
  'prom-client': 'serving/desk/',
  libsql: 'serving/review/',
  '@opentelemetry/api': 'serving/tracing/',
  '@opentelemetry/sdk-trace-base': 'serving/tracing/',
  '@opentelemetry/resources': 'serving/tracing/',
  '@opentelemetry/exporter-trace-otlp-http': 'serving/tracing/',
  'ml-matrix': 'training/trainer/',
  echarts: 'models/charts/',
  '@node-rs/jieba': 'training/data/language/',
  '@node-rs/jieba/dict.js': 'training/data/language/',
  compromise: 'training/data/language/',
  'csv-parse': 'models/rows/',
  hyparquet: 'training/data/',
  'hyparquet-compressors': 'training/data/',
  bullmq: 'serving/jobs/',
  ioredis: 'serving/jobs/',
  commander: 'cli/',
};

type Import = { readonly typeOnly: boolean; readonly to: string };
const imports = new Map<string, { own: Import[]; packages: string[] }>();
for (const entry of readdirSync(root, { recursive: true }) as string[]) {
  const file = entry.replaceAll('\\', '/');
  if (!folderOf(file) || !file.endsWith('.ts') || /\.(test|d)\.ts$/.test(file) || file.endsWith('/conformance.ts')) continue;
  const source = readFileSync(join(root, file), 'utf8');
  const specifiers = [...source.matchAll(/^(?:import|export) (type )?(?:[^;'"]*? from )?'([^']+)'|import\('([^']+)'\)/gm)];
  const all = specifiers.map(([, typeOnly, from, dynamic]) => ({ typeOnly: Boolean(typeOnly), name: from ?? dynamic! }));
  imports.set(file, {
    own: all
      .filter(({ name }) => name.startsWith('.'))
      .map(({ typeOnly, name }) => ({ typeOnly, to: normalize(join(dirname(file), name)).replace(/\.js$/, '.ts') })),
    packages: all.filter(({ name }) => !name.startsWith('.') && !name.startsWith('node:')).map(({ name }) => name),
  });
}

test('there are files to look at in every folder', () => {
  for (const folder of folders)
    expect(
      [...imports.keys()].some((file) => folderOf(file) === folder),
      folder,
    ).toBe(true);
});

test('folders import only what they may, and only through doors', () => {
  const problems: string[] = [];
  for (const [file, { own }] of imports) {
    const here = folderOf(file)!;
    for (const { to } of own) {
      const there = folderOf(to);
      if (there === undefined || there === here) continue;
      if (!mayImport[here]!.includes(there))
        problems.push(`${file} imports ${to}: ${here}/ may import only ${mayImport[here]!.join(', ') || 'nothing'}`);
      else if (!isDoor(to)) problems.push(`${file} imports ${to}: import the folder's index.ts or one of its doors`);
    }
  }
  expect(problems).toEqual([]);
});

test('parts of a folder import only what they may of each other', () => {
  const partOf = (path: string): string => path.split('/').slice(0, 2).join('/');
  const problems = [...imports].flatMap(([file, { own }]) => {
    const [here, allowed] = [partOf(file), partsImport[partOf(file)]];
    if (!allowed || file.includes('/testing/')) return [];
    const theirs = own
      .map(({ to }) => partOf(to))
      .filter((there) => there !== here && there in partsImport && there.split('/')[0] === here.split('/')[0]);
    return theirs.filter((there) => !allowed.includes(there.split('/')[1]!)).map((there) => `${file} imports ${there}`);
  });
  expect(problems).toEqual([]);
});

test('what a browser may load reaches nothing that needs Node', () => {
  const reached = new Set<string>();
  const walk = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const { typeOnly, to } of imports.get(file)?.own ?? []) if (!typeOnly) walk(to);
  };
  walk('models/index.ts');
  const node = [...reached].filter((file) => /(^|\/)node\.ts$/.test(file) || /from 'node:/.test(readFileSync(join(root, file), 'utf8')));
  expect(node).toEqual([]);
});

test('packages are imported where they live', () => {
  const problems = [...imports].flatMap(([file, { packages }]) =>
    packages.flatMap((name) => {
      const home = packageHomes[name.startsWith('@') ? name.split('/').slice(0, 2).join('/') : name.split('/')[0]!];
      const homes = [home ?? []].flat();
      return homes.length > 0 && !homes.some((one) => file.startsWith(one))
        ? [`${file} imports ${name}, which only ${homes.join(' and ')} may`]
        : [];
    }),
  );
  expect(problems).toEqual([]);
});

test('no file imports itself by a circle', () => {
  const circles: string[] = [];
  const seen = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    if (seen.has(file)) return;
    seen.add(file);
    for (const { typeOnly, to } of imports.get(file)?.own ?? []) if (!typeOnly) walk(to, [...path, file]);
  };
  for (const file of imports.keys()) walk(file, []);
  expect(circles).toEqual([]);
});
