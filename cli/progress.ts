/** @file A progress bar on stderr, where a person is looking; nothing, or a line now and then, where a program is. */
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

/** For work of hours: a bar where a person is looking, else a line every so many milliseconds.
 *  @param total what there is of it; `undefined`: not known
 *  @param now milliseconds, never going back */
export function longProgress(
  terminal: Pick<Terminal, 'stderr'>,
  what: string,
  unit: string,
  total: number | undefined,
  { everyMs = 10_000, now = () => performance.now() } = {},
): { update(done: number): void; stop(): void } {
  if (terminal.stderr.isTTY && total !== undefined) {
    const bar = progressBar(terminal, what, unit);
    return { update: (done) => bar.update(done, Math.max(total, done)), stop: bar.stop };
  }
  let [told, first, began] = [now(), undefined as number | undefined, now()];
  return {
    update(done) {
      first ??= done;
      const at = now();
      if (at - told < everyMs) return;
      if (first === done) began = at;
      told = at;
      const perSecond = (1_000 * (done - first)) / Math.max(1, at - began);
      const left = total !== undefined && perSecond > 0 ? `, about ${Math.ceil(Math.max(0, total - done) / perSecond)} s left` : '';
      const of = total === undefined ? '' : ` of ${total}`;
      terminal.stderr.write(`${what} ${done}${of} ${unit}, ${perSecond.toFixed(0)} a second${left}\n`);
    },
    stop: () => {},
  };
}
