/** @file What `bench:finetune` has measured so far, in a file: hours of runs go on where they were stopped. */
import { appendFile, readFile, truncate } from 'node:fs/promises';
import { basename } from 'node:path';
import { machineLine } from '../../models/bench/node.js';
import type { Finetuned, FinetuneSettings } from './finetune-sides.js';
import type { FinetuneTask } from './finetune-task.js';

/** What makes two runs comparable: equal but for time and chance. */
export type FinetuneCase = {
  readonly task: Pick<FinetuneTask, 'name' | 'sizes'>;
  readonly settings: FinetuneSettings;
  readonly seed: number;
  readonly side: string;
  /** What that side runs on, where it is not this program. */
  readonly versions?: string;
};
export type FinetuneRecord = {
  /** The last such run on this machine, with the versions that it has now. */
  runOf(one: FinetuneCase): Finetuned | undefined;
  add(one: FinetuneCase, result: Finetuned): Promise<void>;
};

/** @param path lines of JSON, one a run; without it nothing is kept. Lines of other machines, versions and settings are left as they are. */
export async function openFinetuneRecord(path: string | undefined, machine: string = machineLine()): Promise<FinetuneRecord> {
  const runs = new Map<string, Finetuned>();
  const keep = (key: string, result: Finetuned): void => void runs.set(key, result);
  const keyOf = ({ task: { name, sizes }, settings: { model, ...settings }, seed, side, versions }: FinetuneCase): string => {
    const named = { ...(model === undefined ? {} : { model: basename(model) }), ...settings }; // where it lies is no matter
    return JSON.stringify({ machine, task: { name, sizes }, settings: named, seed, side, versions });
  };
  const before = path === undefined ? '' : await readFile(path, 'utf8').catch(() => '');
  for (const line of before.split('\n').slice(0, -1)) {
    const { seconds, macroF1, at: _, ...key } = JSON.parse(line);
    keep(JSON.stringify(key), { seconds, macroF1 });
  }
  // A run that was killed while it wrote leaves the beginning of a line.
  if (path !== undefined && before !== '' && !before.endsWith('\n'))
    await truncate(path, Buffer.byteLength(before.slice(0, before.lastIndexOf('\n') + 1)));
  return {
    runOf: (one) => runs.get(keyOf(one)),
    async add(one, result) {
      keep(keyOf(one), result);
      const line = { ...JSON.parse(keyOf(one)), ...result, at: new Date().toISOString() };
      if (path !== undefined) await appendFile(path, `${JSON.stringify(line)}\n`);
    },
  };
}
