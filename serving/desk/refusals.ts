/** @file Why texts that were well formed go without a verdict. */
import type { Objection } from '../batching/index.js';
import { ServiceError } from '../protocol/index.js';

/** In whole seconds from 1 to 60. */
const retryAfter = (ms: number) => ({ 'retry-after': String(Math.min(60, Math.max(1, Math.ceil(ms / 1000)))) });

/** `waiting`: texts; `timeoutMs`: what the request gave. */
type Circumstances = { readonly waiting: number; readonly timeoutMs: number };

const comeAgain = 'try again after the seconds named in Retry-After, or send fewer texts at once';

const refusals: { readonly [K in Objection['kind']]: (objection: Extract<Objection, { kind: K }>, given: Circumstances) => ServiceError } =
  {
    full: ({ waitMs }, { waiting }) => new ServiceError('queue-full', `${waiting} texts wait already`, comeAgain, retryAfter(waitMs)),
    // The same code as above, for it is the queue again: clients that come back later succeed, and 429 is what they come back for.
    busy: ({ waitMs }, { waiting, timeoutMs }) =>
      new ServiceError(
        'queue-full',
        `behind the ${waiting} texts that wait no answer would come within ${timeoutMs} ms`,
        comeAgain,
        retryAfter(waitMs),
      ),
    // Coming back would not help, so nothing says when to.
    hopeless: ({ needMs }, { timeoutMs }) => {
      const what = `an answer within ${timeoutMs} ms is impossible: with nothing else to do it takes about ${Math.ceil(needMs)} ms`;
      return new ServiceError('deadline-exceeded', what, 'allow more time, or send fewer or shorter texts at once');
    },
  };

/** Not taken on. */
export function refuse<K extends Objection['kind']>(objection: Extract<Objection, { kind: K }>, given: Circumstances): ServiceError {
  return refusals[objection.kind as K](objection, given);
}

/** Taken on, and then not answered in time. @param backlogMs until what waits now will be done */
export function deadlineExceeded(timeoutMs: number, backlogMs: number): ServiceError {
  const what = `no worker could answer within ${timeoutMs} ms`;
  return new ServiceError('deadline-exceeded', what, 'try again later, or give the server more cores', retryAfter(backlogMs));
}

/** Not even looked into in time. */
export function readTooLate(): ServiceError {
  const what = 'the time that the request allowed was over before the server came to it';
  return new ServiceError('deadline-exceeded', what, comeAgain, retryAfter(0));
}

export function modelFailed(index: number): ServiceError {
  return new ServiceError(
    'model-failed',
    `the model failed three times on text ${index}`,
    'leave that text out; the log of the server says more',
  );
}

export const gone = (): ServiceError => new ServiceError('internal', 'the client has gone', 'nothing: nobody reads this');
