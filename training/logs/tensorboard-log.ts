/** @file The log of a run as TensorBoard reads it: `tensorboard --logdir runs` shows every run below `runs` by its name. */
import { appendFileSync } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogEntry } from '../trainer/run-log.js';
import { restartRecord, type Scalar, scalarsRecord, versionRecord } from './event-file.js';

export type TensorBoardLog = {
  /** An update becomes the curves `train/loss`, `train/learningRate`, …, parts of the loss as `train/parts/…`; an evaluation `val/macroF1`, …,
   *  `val/perClass/LABEL/f1`, …. What is no finite number is left out. */
  add(entry: LogEntry): void;
};

export type TensorBoardOptions = {
  /** The step that the run goes on after; 0 for a new one. */
  readonly fromStep: number;
  /** Unix time in seconds. */
  readonly now?: () => number;
};

/** Opens a new file in `folder`: files are only ever appended to, and one that goes on says from which step it replaces those before it. */
export async function openTensorBoardLog(
  folder: string,
  { fromStep, now = () => Date.now() / 1000 }: TensorBoardOptions,
): Promise<TensorBoardLog> {
  const opened = now();
  const time = String(Math.floor(opened)).padStart(10, '0'); // read in the order of their names
  const path = join(folder, `events.out.tfevents.${time}.${String(fromStep).padStart(8, '0')}.copydesk`);
  await mkdir(folder, { recursive: true });
  await appendFile(path, Buffer.concat([versionRecord(opened), restartRecord(opened, fromStep + 1)]));
  return {
    add(entry) {
      const scalars = scalarsOf(...(figuresOf[entry.kind] as (entry: LogEntry) => [object, string])(entry));
      if (scalars.length > 0) appendFileSync(path, scalarsRecord(now(), entry.step, scalars));
    },
  };
}

/** What is drawn of an entry, and under which heading. */
const figuresOf: { readonly [K in LogEntry['kind']]: (entry: Extract<LogEntry, { kind: K }>) => [object, string] } = {
  step: ({ kind: _kind, step: _step, ...figures }) => [figures, 'train'],
  evaluation: ({ metrics: { examples: _examples, ...figures } }) => [figures, 'val'],
};

function scalarsOf(figures: object, path: string): Scalar[] {
  return Object.entries(figures).flatMap(([name, value]: [string, unknown]): Scalar[] => {
    const tag = `${path}/${name}`;
    if (typeof value === 'number') return Number.isFinite(value) ? [{ tag, value }] : [];
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? scalarsOf(value, tag) : [];
  });
}
