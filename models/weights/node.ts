/** @file Weights on disk: one safetensors file, or a folder that holds one or its shards. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeWhole } from '../bundle/write-whole.js';
import { UsageError } from '../errors.js';
import type { Tensor } from '../runtime/session.js';
import { type ParseOptions, parseSafetensors, safetensorsParts, type Weights } from './safetensors.js';

/**
 * Reads a `.safetensors` file, the `model.safetensors` of a folder, or all shards that its `model.safetensors.index.json` names.
 *
 * @throws UsageError `weights/missing` or `weights/invalid`
 */
export async function readWeights(folderOrFile: string, options: ParseOptions = {}): Promise<Weights> {
  const kind = await stat(folderOrFile).catch(() => undefined);
  if (!kind)
    throw new UsageError(
      'weights/missing',
      `${folderOrFile}: there is no such file or folder`,
      'give a .safetensors file, or the folder of a Hugging Face model.',
    );
  if (!kind.isDirectory()) return folderOrFile.endsWith('.index.json') ? readShards(folderOrFile, options) : readOne(folderOrFile, options);
  const single = join(folderOrFile, 'model.safetensors');
  if (await isFile(single)) return readOne(single, options);
  const index = `${single}.index.json`;
  if (await isFile(index)) return readShards(index, options);
  const hint = (await isFile(join(folderOrFile, 'pytorch_model.bin')))
    ? 'convert pytorch_model.bin with transformers: `model.save_pretrained(folder, safe_serialization=True)`.'
    : 'give the folder of a Hugging Face model that has safetensors weights.';
  throw new UsageError('weights/missing', `${folderOrFile}: it has neither model.safetensors nor model.safetensors.index.json`, hint);
}

/** Writes a file that is either whole or not there. The metadata is what Python's transformers asks for. */
export async function writeWeights(
  path: string,
  weights: Weights,
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Promise<void> {
  await writeWhole(path, safetensorsParts(weights, metadata));
}

async function readOne(path: string, options: ParseOptions): Promise<Weights> {
  return parseSafetensors(await readFile(path), path, options).weights;
}

async function readShards(indexPath: string, options: ParseOptions): Promise<Weights> {
  const { weight_map: map } = parseIndex(await readFile(indexPath, 'utf8'), indexPath);
  const weights = new Map<string, Tensor>();
  for (const shard of new Set(Object.values(map))) {
    if (shard.includes('/') || shard.includes('\\') || shard === '..')
      throw invalidIndex(indexPath, `it names the shard ${JSON.stringify(shard)}, which is not a plain file name`);
    const path = join(dirname(indexPath), shard);
    if (!(await isFile(path)))
      throw new UsageError('weights/missing', `${indexPath}: its shard ${shard} is missing`, 'get all files of the model.');
    for (const [name, tensor] of await readOne(path, options)) weights.set(name, tensor);
  }
  const absent = Object.keys(map).find((name) => !weights.has(name));
  if (absent !== undefined) throw invalidIndex(indexPath, `${absent} is not in ${map[absent]}, where it should be`);
  return weights;
}

function parseIndex(text: string, where: string): { weight_map: Record<string, string> } {
  let index: unknown;
  try {
    index = JSON.parse(text);
  } catch (error) {
    throw invalidIndex(where, `it is not JSON (${(error as Error).message})`);
  }
  const map = (index as { weight_map?: unknown } | null)?.weight_map;
  const sound = typeof map === 'object' && map !== null && Object.values(map).every((shard) => typeof shard === 'string');
  if (!sound) throw invalidIndex(where, 'it has no weight_map from names to files');
  return index as { weight_map: Record<string, string> };
}

function invalidIndex(where: string, what: string): UsageError {
  return new UsageError('weights/invalid', `${where}: ${what}`, 'get the files of the model again from their source.');
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
