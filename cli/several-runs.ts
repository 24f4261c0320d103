/** @file Several runs below one folder, told about as they go: what studies and ablations share. */
import { type Run, UsageError } from '../models/index.js';
import { carryOut, type FailedRun, type PlannedRun } from '../training/index.js';
import { progressBar } from './progress.js';
import { untilStopped } from './stop-signal.js';
import { say, type Terminal } from './terminal.js';

/** @returns the runs that failed, or `undefined` when a person stopped it */
export function carryOutAll(terminal: Terminal, folder: string, runs: readonly PlannedRun[]): Promise<readonly FailedRun[] | undefined> {
  return untilStopped(terminal, 'stopping after this step, with a checkpoint (once more to stop at once, without)', async (signal) => {
    let bar = progressBar(terminal, '', 'steps');
    let steps = 0;
    for await (const event of carryOut({ folder, runs, signal })) {
      if (event.kind === 'run') {
        const name = `${event.run.name} (${event.at} of ${event.of})`;
        say(terminal, `${name}${{ new: '', begun: ': going on', finished: ': finished before' }[event.state]}`);
        bar = progressBar(terminal, name, 'steps');
      }
      if (event.kind === 'training') {
        if (event.event.kind === 'prepared') steps = event.event.steps;
        if (event.event.kind === 'step') bar.update(event.event.step, steps);
        if (event.event.kind === 'end') bar.stop();
        if (event.event.kind === 'finished') say(terminal, best(event.event.finished.run.run));
      }
      if (event.kind === 'failed') {
        bar.stop();
        say(terminal, `${event.run.name} failed: ${event.message}`);
      }
      if (event.kind === 'end') {
        if (!event.interrupted) return event.failed;
        say(terminal, 'stopped. The same command goes on with it; what is finished is not repeated.');
      }
    }
    process.exitCode = 1;
    return undefined;
  });
}

const best = ({ best: { step, metric, value } }: Run): string => `  val ${metric} ${value.toFixed(4)} at step ${step}`;

/** Numbers separated by commas.
 *  @param least the smallest that may be given */
export function wholeNumbers(option: string, text: string, least: number): number[] {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const wrong = numbers.findIndex((number) => !Number.isSafeInteger(number) || number < least);
  if (wrong < 0 && new Set(numbers).size === numbers.length) return numbers;
  throw new UsageError(
    'usage/argument',
    wrong < 0
      ? `${option}: ${text} has a number twice`
      : `${option}: ${JSON.stringify(text.split(',')[wrong])} is no whole number from ${least} on`,
    `write it as ${option} ${least === 2 ? '5' : '1,2,3'}.`,
  );
}
