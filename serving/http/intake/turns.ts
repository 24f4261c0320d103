/**
 * @file Turns of the main thread. Node takes one new connection in each round of its event loop, and in each round everything that has arrived is
 * worked through: with hundreds of requests at once a round takes so long that new clients, and probes of liveness, wait for seconds. So what
 * costs time is done for a few milliseconds a round; the rest stands in line, and its time runs.
 */
import { ServiceError } from '../../protocol/index.js';

export type Turns = {
  /**
   * Settles when it is the caller's turn; what it does then, up to its first wait for something else, counts as its turn.
   *
   * @throws ServiceError `queue-full` for the one that has waited longest, where the line has become too long to be worked through soon
   */
  take(): Promise<void>;
};

export type TurnsDeps = {
  readonly now: () => number;
  /** Milliseconds of work in one round. */
  readonly sliceMs?: number;
  /** While the line takes longer than this to work through, the latest comes first: it can still be answered in time, the others perhaps not. */
  readonly calmMs?: number;
  /** Milliseconds that the line may take to work through. */
  readonly mostMs?: number;
  /** So many may stand in line whatever it takes: a moment in which the machine has no time for us is no overload. */
  readonly fewest?: number;
};

/** Of the time that a turn takes, how much the latest one says. */
const memory = 0.05;

type Waiting = { begin(): void; refuse(error: ServiceError): void };

export function createTurns({ now, sliceMs = 2, calmMs = 100, mostMs = 500, fewest = 100 }: TurnsDeps): Turns {
  const line: Waiting[] = [];
  let working = false;
  /** Of a turn, as a moving mean. */
  let costMs = 0;

  const work = async (): Promise<void> => {
    const began = now();
    for (let at = began; line.length > 0 && at - began < sliceMs; ) {
      const next = line.length * costMs > calmMs ? line.pop() : line.shift();
      next!.begin();
      await allThatFollows();
      const done = now();
      costMs += memory * (done - at - costMs);
      at = done;
    }
    working = line.length > 0;
    if (working) setImmediate(work);
  };

  return {
    take() {
      return new Promise<void>((resolve, reject) => {
        line.push({ begin: resolve, refuse: reject });
        if (line.length > fewest && line.length * costMs > mostMs) line.shift()!.refuse(tooLong(line.length));
        if (!working) setImmediate(work);
        working = true;
      });
    },
  };
}

function tooLong(waiting: number): ServiceError {
  const fix = 'try again after the seconds named in Retry-After, or send more texts in fewer requests';
  return new ServiceError('queue-full', `${waiting} requests wait to be read already`, fix, { 'retry-after': '1' });
}

/** Ticks are run when no promise is left to go on with; those of a callback before its promises, hence the first wait. */
async function allThatFollows(): Promise<void> {
  await undefined;
  await new Promise<void>((resolve) => process.nextTick(resolve));
}
