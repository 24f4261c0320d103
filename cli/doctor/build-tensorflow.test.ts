import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { buildTensorflow, compilerArguments } from './build-tensorflow.js';
import { findTfjs } from './gather-tensorflow.js';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-build-'));
  vi.stubEnv('COPYDESK_TFJS', home);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

/** A tfjs-node without its addon, a Python that answers, and a compiler. */
async function writeStage({ compiler }: { compiler: string }): Promise<{ python: string; addon: string }> {
  const folder = join(home, 'node_modules/@tensorflow/tfjs-node');
  const gyp = join(home, 'node_modules/@mapbox/node-pre-gyp');
  const tensorflow = join(home, 'tensorflow');
  for (const made of [join(folder, 'binding'), gyp, tensorflow]) await mkdir(made, { recursive: true });
  await writeFile(join(home, 'package.json'), '{}');
  await writeFile(join(folder, 'package.json'), '{"name":"@tensorflow/tfjs-node"}');
  await writeFile(join(folder, 'binding/a.cc'), '');
  await writeFile(join(gyp, 'package.json'), '{"name":"@mapbox/node-pre-gyp","main":"index.js"}');
  const addon = join(folder, 'lib/napi-v8/tfjs_binding.node');
  await writeFile(join(gyp, 'index.js'), `exports.find = () => ${JSON.stringify(addon)};`);
  await writeFile(join(tensorflow, 'libtensorflow_cc.so.2'), '');
  const [python, command] = [join(home, 'python'), join(home, 'compiler')];
  await writeFile(python, `#!/bin/sh\necho ${tensorflow}\necho 2.99.0\n`);
  await writeFile(command, `#!/bin/sh\n${compiler}\n`);
  for (const made of [python, command]) await chmod(made, 0o755);
  vi.stubEnv('CXX', command);
  return { python, addon };
}

const last = 'for to in "$@"; do :; done'; // what -o names

test.skipIf(process.platform !== 'linux')('the addon is compiled beside its place, and is there once it is whole', async () => {
  const { python, addon } = await writeStage({ compiler: `${last}; echo "$to" > "$to"` });
  const said: string[] = [];
  expect(await buildTensorflow({ python, say: (text) => said.push(text) })).toBe(addon);
  expect((await readFile(addon, 'utf8')).trim()).toBe(`${addon}.${process.pid}`);
  expect(said.join('\n')).toMatch(/TensorFlow 2\.99\.0 of .*\n@tensorflow\/tfjs-node: .*\ncompiling 1 files/);
  expect(findTfjs()).toMatchObject({ name: '@tensorflow/tfjs-node', addon });
});

test.skipIf(process.platform !== 'linux')('where the compiler fails nothing is left, and the first error is told', async () => {
  const { python, addon } = await writeStage({ compiler: `${last}; touch "$to"; echo "a.cc:1: error: no such thing" >&2; exit 1` });
  await expect(buildTensorflow({ python, say: () => {} })).rejects.toMatchObject({
    code: 'training/engine',
    message: expect.stringMatching(/could not compile the addon: a\.cc:1: error: no such thing\. Fix: /),
  });
  await expect(readFile(addon)).rejects.toMatchObject({ code: 'ENOENT' });
});

test.skipIf(process.platform !== 'linux')('without TensorFlow.js, or without TensorFlow, it is said what to install', async () => {
  await writeFile(join(home, 'package.json'), '{}');
  await expect(buildTensorflow({ python: 'python3', say: () => {} })).rejects.toThrow(
    /Fix: run `npm install --ignore-scripts @tensorflow\/tfjs-node@4\.22\.0`/,
  );
  const { python } = await writeStage({ compiler: 'true' });
  await rm(join(home, 'tensorflow'), { recursive: true });
  await expect(buildTensorflow({ python, say: () => {} })).rejects.toThrow(/has no TensorFlow\. Fix: .*pip install tensorflow-cpu/);
  await expect(buildTensorflow({ python: join(home, 'nowhere'), say: () => {} })).rejects.toThrow(/does not answer.*Fix: name a Python/);
});

test('the libraries are found again at the place where they lie', () => {
  const given = compilerArguments('/tf', '/headers', ['/a.cc'], '/to');
  expect(given).toEqual(expect.arrayContaining(['-I/headers', '-I/tf/include', '/a.cc', '-L/tf', '-Wl,-rpath,/tf']));
  expect(given.slice(-2)).toEqual(['-o', '/to']);
});
