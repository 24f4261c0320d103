/** @file How a server ends: once, whoever asks, and not before what it accepted is answered. */
import type { Server } from 'node:http';
import type { Metrics } from '../desk/index.js';

export type Stop = {
  /** Refuses new work, finishes what was accepted, closes everything. May be called again. */
  close(): Promise<void>;
  /** Settles when the server has stopped, whoever stopped it. */
  readonly closed: Promise<void>;
};

export function closeOnce(work: () => Promise<void>): Stop {
  let closing: Promise<void> | undefined;
  let settle: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const close = (): Promise<void> => {
    closing ??= work().finally(settle);
    return closing;
  };
  return { close, closed };
}

export type Signals = {
  /** Whether one came. */
  readonly heard: boolean;
  /** What is done when one comes, or has come already. */
  act(work: () => void): void;
};

/** SIGTERM and SIGINT, heard before there is anything to stop: process 1 of a container ignores those that nobody listens for. The second one kills. */
export function hearSignals(): Signals {
  let heard = false;
  let work = (): void => {};
  const hear = (): void => {
    heard = true;
    work();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, hear);
  return {
    get heard() {
      return heard;
    },
    act(given) {
      work = given;
      if (heard) work();
    },
  };
}

/** Waits until nothing has been in flight for a moment, at most `ms`, while the port still answers, with 503; then closes everything. */
export async function drain(server: Server, metrics: Pick<Metrics, 'inFlight'>, ms: number): Promise<void> {
  if (!server.listening) return;
  const inFlight = async (): Promise<number> => (await metrics.inFlight.get()).values[0]?.value ?? 0;
  const until = performance.now() + ms;
  let came = 0;
  const count = (): void => void came++;
  server.on('connection', count).on('request', count);
  /** Until nothing is in flight, and where `alone` nobody comes either, for so many turns. */
  const calm = async (turns: number, turn: () => Promise<void>, alone: boolean): Promise<void> => {
    for (let quiet = 0; quiet < turns && performance.now() < until; ) {
      const before = came;
      await turn();
      quiet = (await inFlight()) > 0 || (alone && came > before) ? 0 : quiet + 1;
    }
  };
  // A connection that was just made has not yet said what it wants: a few calm turns in a row show that none is left.
  await calm(5, () => pause(10), false);
  // Node takes one connection a turn; those that wait to be taken would be cut off with the port.
  await calm(3, nextTurn, true);
  const down = new Promise((resolve) => server.close(resolve));
  await calm(5, () => pause(10), true);
  server.closeAllConnections();
  await down;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
