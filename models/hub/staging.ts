/** @file Where a folder is put together before it has its name, so that it can be gone on with and is never seen unfinished. */
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../errors.js';

export type Staging = {
  /** Whole files, as the folder will have them. */
  readonly files: string;
  readonly parts: string;
};

/**
 * Calls `work` with `.NAME.pull` beside `target`: readers of bundles pass over names that begin with a dot. What is in it stays when the work
 * fails or the process is killed; when the work is done it is removed.
 *
 * @throws UsageError `usage/argument` while another process is at it
 */
export async function withStaging<T>(target: string, work: (staging: Staging) => Promise<T>): Promise<T> {
  const folder = join(dirname(target), `.${basename(target)}.pull`);
  const staging = { files: join(folder, 'files'), parts: join(folder, 'parts') };
  for (const path of Object.values(staging)) await mkdir(path, { recursive: true });
  const lock = join(folder, 'lock');
  await take(lock);
  try {
    const result = await work(staging);
    await rm(folder, { recursive: true, force: true });
    return result;
  } finally {
    await rm(lock, { force: true });
  }
}

const here = `${process.pid}@${hostname()}`;

async function take(lock: string): Promise<void> {
  if (await written(lock)) return;
  const owner = await readFile(lock, 'utf8').catch(() => '');
  if (!isAlive(owner)) {
    await rm(lock, { force: true });
    if (await written(lock)) return;
  }
  throw new UsageError(
    'usage/argument',
    `${dirname(lock)}: another pull is at it (process ${owner})`,
    `wait until it is done; if there is no such process, remove ${lock}.`,
  );
}

async function written(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx');
    await file.writeFile(here).finally(() => file.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** A process that was killed leaves its lock. Of other machines nothing is known: theirs hold. */
function isAlive(owner: string): boolean {
  const [pid, host] = [Number(owner.split('@')[0]), owner.split('@')[1]];
  if (owner === here || !Number.isInteger(pid) || pid <= 0) return false;
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
