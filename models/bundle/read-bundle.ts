/** @file A bundle's folder, opened. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import type { Manifest, Precision } from './manifest.js';
import { manifestFile, parseManifest } from './parse-manifest.js';
import { type Probes, parseProbes, probesFile } from './probes.js';
import { insideFolder, verifyFiles } from './verify-files.js';

export type Bundle = {
  readonly manifest: Manifest;
  /** The folder it was read from. */
  readonly folder: string;
  readonly tokenizerJson: string;
  /** Path of a model file on disk. Throws UsageError `bundle/missing` where the bundle lacks that precision. Default `fp32`. */
  modelPath(precision?: Precision): string;
  modelBytes(precision?: Precision): Promise<Uint8Array>;
  /** The texts that it carries with their answers; `undefined` in bundles that are older than these. */
  probes(): Promise<Probes | undefined>;
};

export type ReadOptions = {
  /** Whether to compare every listed file with its sha256. Default true: a damaged model is never run. */
  readonly verify?: boolean;
};

/** @throws UsageError `bundle/missing`, `bundle/invalid`, `bundle/newer`, `bundle/path`, `bundle/hash` */
export async function readBundle(folder: string, { verify = true }: ReadOptions = {}): Promise<Bundle> {
  const manifest = await readManifest(folder);
  if (verify) await verifyFiles(folder, manifest.files);
  const listed = manifest.files.some(({ path }) => path === tokenizerFile);
  if (!listed)
    throw new UsageError(
      'bundle/invalid',
      `${folder}: ${tokenizerFile} is not among the files of its manifest`,
      'export the bundle again.',
    );
  const modelPath = (precision: Precision = 'fp32'): string => {
    const path = manifest.models[precision];
    if (path !== undefined) return join(folder, path);
    const has = Object.keys(manifest.models).join(', ');
    throw new UsageError(
      'bundle/missing',
      `${manifest.name}: the bundle has no ${precision} model, only ${has}`,
      `export it with --precision ${precision}, or choose one it has.`,
    );
  };
  const tokenizerJson = await readFile(await insideFolder(folder, tokenizerFile), 'utf8');
  const probes = async (): Promise<Probes | undefined> => {
    if (!manifest.files.some(({ path }) => path === probesFile)) return undefined;
    const path = await insideFolder(folder, probesFile);
    return parseProbes(await readFile(path, 'utf8'), path);
  };
  return { manifest, folder, tokenizerJson, modelPath, modelBytes: (precision) => readFile(modelPath(precision)), probes };
}

export const tokenizerFile = 'tokenizer.json';

async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, manifestFile);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    throw new UsageError(
      'bundle/missing',
      `${folder}: this is not a bundle: it has no ${manifestFile}`,
      'give the folder that `copydesk export` wrote (NAME/VERSION).',
    );
  }
  return parseManifest(text, path);
}
