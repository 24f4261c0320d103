/** @file Ctrl-C and SIGTERM for work that stops cleanly. */
import { say, type Terminal } from './terminal.js';

/** Carries out `work` with a signal that the first Ctrl-C or SIGTERM aborts; the second ends the program at once. */
export async function untilStopped<T>(terminal: Terminal, notice: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(1);
    stop.abort();
    say(terminal, `\n${notice}`);
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    return await work(stop.signal);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
