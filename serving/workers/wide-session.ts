/** @file A second session of a model, with several threads: for the batch that comes while no other worker has anything to do. */
import type { Session } from '../../models/index.js';

export type WideDeps = {
  /** Opens the model with several threads. */
  readonly open: () => Promise<Session>;
  /** Runs one text of usual length. */
  readonly tryOut: (session: Session) => Promise<unknown>;
  /** Milliseconds, never going back. */
  readonly now: () => number;
};

/** A wide session that takes more than this share of the narrow one's time is not worth its memory. */
const worthwhile = 0.8;
/** Runs of each, one after the other in turns; the medians count. */
const runs = 7;

/** @returns a session that answers a single text sooner than `narrow`, or `undefined` where more threads do not help: small models lose by them */
export async function openWide(narrow: Session, { open, tryOut, now }: WideDeps): Promise<Session | undefined> {
  const wide = await open();
  const took = async (session: Session): Promise<number> => {
    const began = now();
    await tryOut(session);
    return now() - began;
  };
  try {
    await tryOut(wide);
    const times: { readonly wide: number; readonly narrow: number }[] = [];
    for (let run = 0; run < runs; run++) times.push({ wide: await took(wide), narrow: await took(narrow) });
    if (median(times.map((time) => time.wide)) <= worthwhile * median(times.map((time) => time.narrow))) return wide;
  } catch (error) {
    await wide.dispose();
    throw error;
  }
  await wide.dispose();
  return undefined;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
