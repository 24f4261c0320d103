/** Makes each script of a thread one file that has only what it uses: a thread reads all it imports anew, and the server waits for that at its start. */
import { join } from 'node:path';
import { build } from 'esbuild';

const threads = ['serving/workers/worker.js', 'serving/review/thread.js'];

/** @param dist where the compiled scripts are, and stay */
export async function bundleThreads(dist) {
  await build({
    entryPoints: threads.map((path) => join(dist, path)),
    outdir: dist,
    outbase: dist,
    allowOverwrite: true,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    plugins: [withoutEffects],
    logLevel: 'warning',
  });
}

/** None of our modules does anything by being imported, so those of which nothing is used are left out; with them what they import. */
const withoutEffects = {
  name: 'without-effects',
  setup(build) {
    build.onResolve({ filter: /./ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (pluginData === 'again' || kind === 'entry-point') return;
      const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: 'again' });
      return { ...found, sideEffects: false };
    });
  },
};
