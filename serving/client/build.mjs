/** @file Builds the page: `buildClient(folder)` writes index.html, app.js, worker.js, docs.html, docs.js, review.html, review.js, their styles and the runtime's WebAssembly. */
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

/** The build of the runtime for processors: WebAssembly with SIMD and threads. */
const runtimeFiles = ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'];

/** Lets the bundler leave out the parts of `models/` that the page does not use: loading one of our files does nothing by itself. */
const ownSourcesArePure = {
  name: 'own-sources-are-pure',
  /** @param {import('esbuild').PluginBuild} context */
  setup(context) {
    context.onResolve({ filter: /^\.{1,2}\// }, (found) => {
      if (found.kind !== 'import-statement' || found.resolveDir.includes('node_modules')) return undefined;
      return { path: join(found.resolveDir, found.path.replace(/\.js$/, '.ts')), sideEffects: false };
    });
  },
};

/** zod carries its messages in fifty languages, two thirds of its size; ours are its only readers. */
const englishOnly = {
  name: 'english-only',
  /** @param {import('esbuild').PluginBuild} context */
  setup(context) {
    context.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: "export { default as en } from './en.js';" }));
  },
};

/** @param {string} folder is emptied first */
export async function buildClient(folder) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'ort'), { recursive: true });
  await build({
    entryPoints: {
      app: join(here, 'app.ts'),
      worker: join(here, 'worker.ts'),
      docs: join(here, 'docs.ts'),
      review: join(here, 'review.ts'),
    },
    outdir: folder,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    plugins: [ownSourcesArePure, englishOnly],
    // The runtime then leaves its WebAssembly files where they are instead of carrying a copy.
    conditions: ['onnxruntime-web-use-extern-wasm'],
    logLevel: 'warning',
  });
  for (const name of ['index.html', 'style.css', 'icon.svg', 'docs.html', 'docs.css', 'review.html', 'review.css'])
    await copyFile(join(here, name), join(folder, name));
  const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/wasm'));
  for (const name of runtimeFiles) await copyFile(join(runtime, name), join(folder, 'ort', name));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const folder = process.argv[2] ?? join(here, '..', '..', 'dist', 'client');
  await buildClient(folder);
}
