/** @file What was used of the quotas, kept over a restart: a small file, replaced whole. */
import { readFile } from 'node:fs/promises';
import { writeWhole } from '../../models/bundle/node.js';
import { UsageError } from '../../models/index.js';
import { type Quotas, type Usage, usageSchema } from './quotas.js';

/** @returns `undefined` where there is none yet
 *  @throws UsageError `config/invalid` for a file that is no such file: starting at nought would give every quota away */
export async function readUsage(path: string): Promise<Usage | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UsageError('config/invalid', `usage: ${path} cannot be read`, 'let the user that runs copydesk read and write it.');
  }
  try {
    return usageSchema.parse(JSON.parse(text));
  } catch {
    throw new UsageError('config/invalid', `usage: ${path} is damaged, or is another file`, 'delete it to start every quota at nought.');
  }
}

/**
 * @param onProblem told when writing begins to fail, for example on a full disk; quotas are then still counted, in memory
 * @returns writes what has changed since the last time
 */
export function createUsageWriter(path: string, quotas: Quotas, now: () => number, onProblem: (problem: string) => void) {
  let written = quotas.revision;
  let failing = false;
  let writing: Promise<void> = Promise.resolve();
  const write = async (): Promise<void> => {
    const { revision } = quotas;
    if (revision === written) return;
    try {
      await writeWhole(path, `${JSON.stringify(quotas.usage(now()))}\n`, 0o600);
      written = revision;
      failing = false;
    } catch (error) {
      if (!failing) onProblem(`${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
      failing = true;
    }
  };
  return (): Promise<void> => {
    writing = writing.then(write);
    return writing;
  };
}
