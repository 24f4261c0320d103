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

/** Waits until nothing has been in flight for a moment, at most `ms`, while the port still answers, with 503; then closes everything. */
export async function drain(server: Server, metrics: Pick<Metrics, 'inFlight'>, ms: number): Promise<void> {
  if (!server.listening) return;
  const inFlight = async (): Promise<number> => (await metrics.inFlight.get()).values[0]?.value ?? 0;
  const until = performance.now() + ms;
  // A connection that was just made has not yet said what it wants: a few calm turns in a row show that none is left.
  for (let calm = 0; calm < 5 && performance.now() < until; ) {
    calm = (await inFlight()) > 0 ? 0 : calm + 1;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const down = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await down;
}
