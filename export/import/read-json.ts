import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../models/index.js';

/** A file of a model's folder; `undefined` where there is none. */
export const readPart = (folder: string, name: string): Promise<string | undefined> =>
  readFile(join(folder, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });

/** @throws UsageError `weights/invalid` for a file that is no JSON object */
export async function readJson(folder: string, name: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const text = await readPart(folder, name);
  if (text === undefined) return undefined;
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    content = undefined;
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content as Readonly<Record<string, unknown>>;
  throw new UsageError('weights/invalid', `${join(folder, name)}: this is not a JSON object`, 'get the file again from its source.');
}
