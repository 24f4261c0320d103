/** @file A progress bar on stderr, where a person is looking; nothing where a program is. */
import cliProgress from 'cli-progress';
import type { Terminal } from './terminal.js';

export type Progress = { update(done: number, total: number): void; stop(): void };

/** @param unit what is counted, such as `texts` */
export function progressBar({ stderr }: Pick<Terminal, 'stderr'>, what: string, unit: string): Progress {
  if (!stderr.isTTY) return { update: () => {}, stop: () => {} };
  const bar = new cliProgress.SingleBar(
    { stream: stderr, clearOnComplete: true, hideCursor: true, format: `${what} {bar} {value}/{total} ${unit}, {eta_formatted} left` },
    cliProgress.Presets.shades_classic,
  );
  let started = false;
  return {
    update(done, total) {
      if (!started) bar.start(total, done);
      else bar.update(done);
      started = true;
    },
    stop() {
      if (started) bar.stop();
    },
  };
}
