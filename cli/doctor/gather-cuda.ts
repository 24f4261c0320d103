/** @file What there is of CUDA: driver, cards, the provider library, and the libraries it wants. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { MachineFacts } from './machine-facts.js';

/** What a program prints; empty where it is not there, fails or takes too long. */
export type Run = (file: string, args: readonly string[]) => Promise<string>;

export const run: Run = (file, args) =>
  new Promise((resolve) => execFile(file, [...args], { timeout: 15_000 }, (_error, stdout) => resolve(stdout ?? '')));

export async function gatherCuda(ask: Run = run): Promise<Omit<MachineFacts['cuda'], 'probe'>> {
  const listed = await ask('nvidia-smi', ['--query-gpu=driver_version,name', '--format=csv,noheader']);
  const cards = listed.split('\n').flatMap((line) => (line.includes(',') ? [line.slice(line.indexOf(',') + 1).trim()] : []));
  const driver = listed.includes(',') ? listed.split(',')[0]!.trim() : driverOfKernel();
  const provider = [join(runtimeFolder() ?? '', 'libonnxruntime_providers_cuda.so')].find(existsSync);
  return { driver, cards, provider, libraries: provider === undefined ? [] : wantedBy(await ask('ldd', [provider])) };
}

/** `libcudart.so.12 => /usr/…` or `=> not found`, of those that CUDA brings. */
export function wantedBy(ldd: string): MachineFacts['cuda']['libraries'] {
  return [...ldd.matchAll(/^\s*(libcu\S+|libnv\S+)\s+=>\s+(not found|\S+)/gm)].map(([, name, path]) => ({
    name: name!,
    path: path === 'not found' ? undefined : path!,
  }));
}

/** Where the driver is there and its program is not, as in many containers. */
function driverOfKernel(): string | undefined {
  try {
    return /Kernel Module\D+([\d.]+)/.exec(readFileSync('/proc/driver/nvidia/version', 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/** Where onnxruntime-node keeps the libraries of this system. */
function runtimeFolder(): string | undefined {
  try {
    const bin = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')), 'bin');
    const folders = readdirSync(bin).map((napi) => join(bin, napi, process.platform, process.arch));
    return folders.find(existsSync);
  } catch {
    return undefined;
  }
}
