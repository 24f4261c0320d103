/** @file A bundle that travels: its model is bytes that nobody runs. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Bundle, writeBundle } from '../../bundle/node.js';
import { sha256 } from './hub-store.js';

/** Bytes that do not compress, the same for the same seed. */
export function noise(bytes: number, seed = 1): Buffer {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes
    return state >>> 24;
  };
  return Buffer.from(Uint8Array.from({ length: bytes }, next));
}

export const writeSample = (
  to: string,
  { version = 'v1', model = noise(300_000), more = {} as Readonly<Record<string, string>> } = {},
): Promise<Bundle> =>
  writeBundle(
    join(to, 'tiny', version),
    { 'tokenizer.json': '{}', 'README.md': `---\nlicense: mit\n---\n\n# tiny ${version}\n`, 'onnx/model.onnx': model, ...more },
    {
      format: 'copydesk-bundle',
      schemaVersion: 1,
      name: 'tiny',
      version,
      created: '2026-01-02T03:04:05.000Z',
      architecture: { kind: 'bert' },
      labels: ['a', 'b'],
      activation: 'softmax',
      temperature: 1,
      policy: { labels: {} },
      text: { maxTokens: 64, input: 'single', pairs: 'as-given' },
      models: { fp32: 'onnx/model.onnx' },
      parity: {},
      metrics: {},
      data: { fingerprint: {}, examples: {} },
    },
  );

/** Contents by path, with forward slashes. */
export async function filesOf(folder: string): Promise<Record<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const files = await Promise.all(
    paths.sort().map(async (path) => [relative(folder, path).replaceAll('\\', '/'), await readFile(path)] as const),
  );
  return Object.fromEntries(files);
}

/** Contents as their digests: quick to compare, and short to read where they differ. */
export const digestsIn = (files: Readonly<Record<string, Buffer | string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [path, sha256(content)]));
