/** @file TensorFlow.js with its native library, which users install themselves: its binaries come from a download that many networks refuse. */
import { createRequire } from 'node:module';
import { UsageError } from '../../models/index.js';

export type Tfjs = typeof import('@tensorflow/tfjs-core');

const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/**
 * The first of the packages that loads.
 *
 * @param load how a package is loaded; an argument for tests
 * @throws UsageError `training/engine` when none does, with the reason of each
 */
export async function loadTfjs(load: (name: string) => Promise<unknown> = importPackage): Promise<Tfjs> {
  const reasons: string[] = [];
  for (const name of packages) {
    try {
      return (await load(name)) as Tfjs;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      reasons.push(`${name}: ${message.split('\n')[0]}`);
    }
  }
  throw new UsageError(
    'training/engine',
    `engine tfjs: TensorFlow.js could not be loaded (${reasons.join('; ')})`,
    'install it beside copydesk, with `npm i @tensorflow/tfjs-node-gpu@4.22.0` (NVIDIA GPU) or `npm i @tensorflow/tfjs-node@4.22.0`, or choose the engine onnx.',
  );
}

async function importPackage(name: string): Promise<unknown> {
  restoreRemoved();
  const loaded = (await import(name)) as { default?: unknown };
  return loaded.default ?? loaded;
}

/** tfjs-node 4.22 calls two functions of `util` that Node 23 removed. */
function restoreRemoved(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}
