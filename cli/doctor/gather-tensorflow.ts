/** @file What there is of TensorFlow: the package, its addon, and whether a training step runs in it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { probeTensorflow, tfjsFolder, tfjsPackages } from '../../training/index.js';
import type { MachineFacts, TensorflowProbe } from './machine-facts.js';
import type { SelfCommand } from './probe-provider.js';

export async function gatherTensorflow(self: SelfCommand): Promise<MachineFacts['tensorflow']> {
  const found = findTfjs();
  if (!found) return { package: undefined, addon: false, probe: undefined };
  const addon = existsSync(found.addon);
  return { package: found.name, addon, probe: addon ? await askTensorflow(self) : undefined };
}

export type TfjsPackage = { readonly name: string; readonly folder: string; readonly addon: string };

/** The first package that is installed, beside this program or where COPYDESK_TFJS says, and where it looks for its addon. */
export function findTfjs(): TfjsPackage | undefined {
  const folder = tfjsFolder();
  const require = createRequire(folder === undefined ? import.meta.url : join(resolve(folder), 'package.json'));
  for (const name of tfjsPackages) {
    try {
      const manifest = require.resolve(`${name}/package.json`);
      return { name, folder: dirname(manifest), addon: addonOf(manifest) };
    } catch {
      // Not installed: the next.
    }
  }
  return undefined;
}

/** As the package itself finds it: the folder is named after the version of Node's interface. */
function addonOf(manifest: string): string {
  const { find } = createRequire(manifest)('@mapbox/node-pre-gyp') as { find(manifest: string): string };
  return find(manifest);
}

/** In a process of its own: a library that does not fit can end the process that loads it. */
export function askTensorflow({ file, args }: SelfCommand): Promise<TensorflowProbe> {
  return new Promise((answer) => {
    execFile(file, [...args, 'doctor', '--probe', 'tensorflow'], { timeout: 120_000, maxBuffer: 1e6 }, (error, stdout) => {
      const line = stdout.trim().split('\n').at(-1) ?? '';
      if (line.startsWith('{')) return answer(JSON.parse(line) as TensorflowProbe);
      const ended = error?.killed
        ? 'it did not answer within two minutes'
        : `the process ended (${error?.signal ?? error?.code ?? 'silently'})`;
      answer({ works: false, reason: ended });
    });
  });
}

/** What that process does. */
export const probeTensorflowHere = (): Promise<TensorflowProbe> => probeTensorflow();
