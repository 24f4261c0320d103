/** @file Builds what browsers get: `buildClient(folder)` writes the pages and the service worker that keeps them, and `buildPackage(folder)` (its `web/`) the files of `copydesk/web`, `copydesk/client` and `copydesk/element`. */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

/** The runtime for processors, WebAssembly with SIMD and threads, and the one that reaches GPUs too. */
const runtimeFiles = ['ort-wasm-simd-threaded', 'ort-wasm-simd-threaded.jspi'].flatMap((name) => [`${name}.mjs`, `${name}.wasm`]);

/** Each stands alone, under the name that others refer to it by. */
const packageEntries = {
  web: 'web/index.ts',
  client: 'remote/index.ts',
  element: 'element/index.ts',
  worker: 'web/worker/wasm-worker.ts',
  'worker-webgpu': 'web/worker/webgpu-worker.ts',
};
const pageEntries = { app: 'page/app.ts', docs: 'page/docs.ts', review: 'page/review.ts' };
const pageFiles = ['index.html', 'style.css', 'docs.html', 'docs.css', 'review.html', 'review.css', 'manifest.webmanifest'];
const icons = ['icon.svg', 'icon-192.png', 'icon-512.png', 'icon-maskable.svg', 'icon-maskable-512.png'];

/** Files of the page at `/`, which work without a network: not those that only servers have a use for, and not the package for other people's pages. */
const ofTheApp = (name) => !/^(docs|review)\.|^web\/(web|client|element)\.js$|\.br$/.test(name);
/** What only devices with a GPU can use. */
const onlyForSome = (name) => /^web\/(worker-webgpu\.js|ort\/.*\.jspi\..*)$/.test(name);

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

/**
 * @param {string} folder is emptied first
 * @param {{ pack?: boolean }} options pack: scripts and runtime also as `NAME.br`, which a server sends to those who take it
 */
export async function buildClient(folder, { pack = false } = {}) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await bundle(pageEntries, folder, { splitting: true, chunkNames: 'parts/[name]-[hash]' });
  for (const name of [...pageFiles, ...icons]) await copyFile(join(here, 'page', name), join(folder, name));
  await buildPackage(join(folder, 'web'));
  await buildServiceWorker(folder);
  if (!pack) return;
  for (const name of await readdir(folder, { recursive: true }))
    if (/\.(js|mjs|css|html|wasm|webmanifest)$/.test(name)) await packFile(join(folder, name));
}

/** Last, for it names every other file by what is in it. @param {string} folder */
async function buildServiceWorker(folder) {
  const names = (await readdir(folder, { recursive: true })).map((name) => name.replaceAll('\\', '/')).sort();
  /** @type {import('./offline/app-files.js').AppFile[]} */
  const files = [];
  for (const name of names.filter(ofTheApp)) {
    if (!(await stat(join(folder, name))).isFile()) continue;
    const sha256 = createHash('sha256').update(await readFile(join(folder, name))).digest('hex'); // biome-ignore format: one line
    files.push({ path: name === 'index.html' ? '/' : `/${name}`, sha256, later: onlyForSome(name) });
  }
  await bundle({ sw: 'offline/service-worker.ts' }, folder, { format: 'iife', define: { APP_FILES: JSON.stringify(files) } });
}

/** A fifth of the runtime's size, in a few seconds; what could still be gained takes a minute. @param {string} file */
async function packFile(file) {
  const content = await readFile(file);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 9,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  await writeFile(`${file}.br`, await promisify(brotliCompress)(content, { params }));
}

/** @param {string} folder is emptied first */
export async function buildPackage(folder) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'ort'), { recursive: true });
  await bundle(packageEntries, folder);
  for (const name of ['worker.js', 'worker-webgpu.js']) await leaveAddresses(join(folder, name));
  const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/wasm'));
  for (const name of runtimeFiles) await copyFile(join(runtime, name), join(folder, 'ort', name));
}

/**
 * The runtime imports its files by address, and names its own script where that does not lie here: an app's own bundler must leave both alone. The
 * comments that say so are lost in minifying.
 * @param {string} file
 */
async function leaveAddresses(file) {
  const script = await readFile(file, 'utf8');
  const imports = script.replace(/\bimport\((\w+)\)/g, 'import(/*webpackIgnore:true*//*@vite-ignore*/$1)');
  await writeFile(file, imports.replace(/new (\w+)\("(ort\.[\w.]+)",import\.meta\.url\)/g, 'new $1("$2",String(import.meta.url))'));
}

/** @param {Record<string, string>} entries @param {string} outdir @param {import('esbuild').BuildOptions} options */
const bundle = (entries, outdir, options = {}) =>
  build({
    entryPoints: Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, join(here, path)])),
    outdir,
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
    ...options,
  });

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const folder = process.argv[2] ?? join(here, '..', '..', 'dist', 'client');
  await buildClient(folder, { pack: true });
}
