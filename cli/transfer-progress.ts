/** @file How far a transfer is: megabytes, with a bar where a person is looking, else a line now and then. */
import { longProgress } from './progress.js';
import type { Terminal } from './terminal.js';

export function transferProgress(terminal: Terminal, what: string): { update(done: number, total: number): void; stop(): void } {
  const megabytes = (bytes: number): number => Math.ceil(bytes / 1e6);
  let progress: ReturnType<typeof longProgress> | undefined;
  return {
    update(done, total) {
      progress ??= longProgress(terminal, what, 'MB', megabytes(total));
      progress.update(megabytes(done));
    },
    stop: () => progress?.stop(),
  };
}
