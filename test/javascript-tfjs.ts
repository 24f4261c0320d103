/** @file TensorFlow.js with its JavaScript backend and all gradients, for tests. */
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

type Tfjs = typeof import('@tensorflow/tfjs-core');

/** The builds for Node leave the gradients out, and the file that registers them is no module that Node can load: so they are bundled here. */
export async function javascriptTfjs(): Promise<Tfjs> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import '@tensorflow/tfjs-core/dist/register_all_gradients'; import '@tensorflow/tfjs-backend-cpu'; export * from '@tensorflow/tfjs-core';`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    mainFields: ['module', 'main'],
    external: ['node-fetch'],
    logLevel: 'error',
  });
  const folder = await mkdtemp(join(tmpdir(), 'copydesk-tfjs-'));
  try {
    const path = join(folder, 'tfjs.cjs');
    writeFileSync(path, outputFiles[0]!.contents);
    const tf = createRequire(import.meta.url)(path) as Tfjs;
    tf.env().set('IS_TEST', true); // no advice about faster backends
    await tf.setBackend('cpu');
    return tf;
  } finally {
    await rm(folder, { recursive: true });
  }
}
