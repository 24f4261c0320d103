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
/** Runs of each, one after the other in turns; the fastest count, as whatever else the machine does only slows them. */
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
    const fastest = { wide: Number.POSITIVE_INFINITY, narrow: Number.POSITIVE_INFINITY };
    for (let run = 0; run < runs; run++) {
      fastest.wide = Math.min(fastest.wide, await took(wide));
      fastest.narrow = Math.min(fastest.narrow, await took(narrow));
    }
    if (fastest.wide <= worthwhile * fastest.narrow) return wide;
  } catch (error) {
    await wide.dispose();
    throw error;
  }
  await wide.dispose();
  return undefined;
}
