/** @file TensorFlow.js with its native library, which users install themselves: its binaries come from a download that many networks refuse. */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { NamedTensorMap } from '@tensorflow/tfjs-core';
import { UsageError } from '../../models/index.js';

export type Tfjs = typeof import('@tensorflow/tfjs-core');

/** TensorFlow.js that runs in TensorFlow itself. */
export type NativeTfjs = Tfjs & {
  readonly node: {
    loadSavedModel(
      path: string,
      tags: string[],
      signature: string,
    ): Promise<{ predict(inputs: NamedTensorMap): NamedTensorMap; dispose(): void }>;
  };
};

/** What the library runs on, and its version. */
export function libraryOf(tf: NativeTfjs): { readonly device: 'cpu' | 'gpu'; readonly version: string | undefined } {
  const backend = tf.backend() as { readonly isUsingGpuDevice?: boolean; readonly binding?: { readonly TF_Version?: string } };
  return { device: backend.isUsingGpuDevice ? 'gpu' : 'cpu', version: backend.binding?.TF_Version };
}

export const tfjsPackages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/** Where to look besides the folders of this program: one in which `npm install` was run, by the environment. */
export const tfjsFolder = (): string | undefined => process.env.COPYDESK_TFJS || undefined;

/**
 * The first of the packages that loads.
 *
 * @param load how a package is loaded; an argument for tests
 * @throws UsageError `training/engine` when none does, with the reason of each
 */
export async function loadTfjs(load: (name: string) => Promise<unknown> = importPackage): Promise<Tfjs> {
  const reasons: string[] = [];
  for (const name of tfjsPackages) {
    try {
      return (await load(name)) as Tfjs;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      reasons.push(`${name}: ${message.split('\n')[0]}`);
    }
  }
  throw new UsageError(
    'training/engine',
    `engine: TensorFlow.js could not be loaded (${reasons.join('; ')})`,
    'install it beside copydesk, with `npm i @tensorflow/tfjs-node-gpu@4.22.0` (NVIDIA GPU) or `npm i @tensorflow/tfjs-node@4.22.0`, or choose the engine onnx. Where its download is refused, `copydesk doctor --build-tensorflow` says what to do.',
  );
}

/**
 * TensorFlow.js with its native library, for whole steps.
 *
 * @param threads of one operator. They are set when the library is loaded first; a process that has it keeps those that it has.
 * @throws UsageError `training/engine` when it is not installed
 */
export async function loadTensorflow({ threads }: { readonly threads?: number } = {}): Promise<NativeTfjs> {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'; // what it tells of itself at each start
  if (threads !== undefined) process.env.TF_NUM_INTRAOP_THREADS ??= String(threads);
  const tf = (await loadTfjs()) as NativeTfjs;
  await tf.ready();
  return tf;
}

async function importPackage(name: string): Promise<unknown> {
  restoreRemoved();
  const folder = tfjsFolder();
  const from = folder === undefined ? name : pathToFileURL(createRequire(join(resolve(folder), 'package.json')).resolve(name)).href;
  const loaded = (await import(from)) as { default?: unknown };
  return loaded.default ?? loaded;
}

/** tfjs-node 4.22 calls two functions of `util` that Node 23 removed. */
function restoreRemoved(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}
