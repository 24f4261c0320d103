/** @file `log.jsonl`: what happened at each step, one JSON object a line. */
import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../../models/bundle/node.js';
import { runFiles } from '../../models/index.js';
import type { EvaluationEntry, StepEntry } from '../report/report-input.js';

export type LogEntry = ({ readonly kind: 'step' } & StepEntry) | ({ readonly kind: 'evaluation' } & EvaluationEntry);

export class RunLog<Entry extends { readonly step: number } = LogEntry> {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Opens the log of a run as it was after `step` steps: what a run that was cut off wrote after its last checkpoint is dropped. */
  static async open<Entry extends { readonly step: number } = LogEntry>(folder: string, step: number): Promise<RunLog<Entry>> {
    const log = new RunLog<Entry>(join(folder, runFiles.log));
    const kept = step === 0 ? [] : (await log.entries()).filter((entry) => entry.step <= step);
    await writeWhole(log.#path, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    return log;
  }

  /** Written at once, so that the log never lags behind a checkpoint, and by the calling thread: to wait for another, beside those that
   *  compute, takes milliseconds of every step. */
  add(entry: Entry): void {
    appendFileSync(this.#path, `${JSON.stringify(entry)}\n`);
  }

  /** Whole lines only: the last may have been cut off. */
  async entries(): Promise<Entry[]> {
    const text = await readFile(this.#path, 'utf8').catch(() => '');
    return text.split('\n').flatMap((line) => {
      try {
        return line ? [JSON.parse(line) as Entry] : [];
      } catch {
        return [];
      }
    });
  }
}
