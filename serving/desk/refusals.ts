/** @file Why texts that were well formed go without a verdict. */
import { ServiceError } from '../protocol/index.js';

/** When the texts that wait now will have been answered, in whole seconds from 1 to 60. */
const retryAfter = (texts: number, secondsPerText: number) => ({
  'retry-after': String(Math.min(60, Math.max(1, Math.ceil(texts * secondsPerText)))),
});

export function queueFull(texts: number, secondsPerText: number): ServiceError {
  const fix = 'try again after the seconds named in Retry-After, or send fewer texts at once';
  return new ServiceError('queue-full', `${texts} texts wait already`, fix, retryAfter(texts, secondsPerText));
}

export function deadlineExceeded(waitMs: number, secondsPerText: number): ServiceError {
  const what = `no worker was free within ${waitMs} ms`;
  return new ServiceError('deadline-exceeded', what, 'try again later, or give the server more cores', retryAfter(1, secondsPerText));
}

export function modelFailed(index: number): ServiceError {
  return new ServiceError(
    'model-failed',
    `the model failed three times on text ${index}`,
    'leave that text out; the log of the server says more',
  );
}

export const gone = (): ServiceError => new ServiceError('internal', 'the client has gone', 'nothing: nobody reads this');
