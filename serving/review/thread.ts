/** @file The thread that has the file open: nothing that the disk does holds up those who answer requests. */
import { parentPort, workerData } from 'node:worker_threads';
import { invariant, UsageError } from '../../models/index.js';
import type { FromThread, SentResult, ThreadSetup, ToThread } from './messages.js';
import { openReviewBook, type Result, type ReviewBook } from './review-book.js';
import { StoreFault } from './store-fault.js';

invariant(parentPort, 'thread.ts was loaded outside a worker thread');
const port = parentPort;
const say = (message: FromThread): void => port.postMessage(message);
const setup = workerData as ThreadSetup;

let book: ReviewBook | undefined;
/** Whether the file was ever opened: a path that is wrong from the start is told to the person who starts the server. */
let opened = false;

port.on('message', (message: ToThread) => {
  if (message === 'end') {
    book?.close();
    process.exit(0); // ends this thread only
  }
  const { calls, now, clean } = message;
  const results = run(calls.length, () => openedBook().run(calls, now));
  const cleaned = clean && run(1, () => [{ value: openedBook().clean() as never }]).every((result) => 'value' in result && result.value);
  say({ kind: 'done', results: results.map(sent), cleaned });
});

try {
  openedBook();
  say({ kind: 'opened' });
} catch (error) {
  if (error instanceof UsageError) say({ kind: 'refused', what: error.message.replace(/\. Fix: .*$/s, ''), fix: error.fix });
  else {
    const { reason, message } = faultOf(error);
    say({ kind: 'unopened', reason, message });
  }
}

/** A file that could not be opened, or that is gone, is tried again with the next call. */
function openedBook(): ReviewBook {
  book ??= openReviewBook(setup.file, setup);
  opened = true;
  return book;
}

function run(count: number, work: () => readonly Result[]): readonly Result[] {
  try {
    const results = work();
    if (results.some((result) => 'fault' in result && mustReopen.has(result.fault.reason))) closeBook();
    return results;
  } catch (error) {
    closeBook();
    return Array.from({ length: count }, () => ({ fault: faultOf(error) }));
  }
}

const mustReopen: ReadonlySet<StoreFault['reason']> = new Set(['gone', 'corrupt', 'disk', 'read-only']);

function closeBook(): void {
  try {
    book?.close();
  } catch {
    // It is given up either way.
  }
  book = undefined;
}

/** What is no fault of the file is one of ours; its message may quote what it was given, so it goes no further. */
function faultOf(error: unknown): StoreFault {
  if (error instanceof StoreFault) return error;
  if (error instanceof UsageError) return new StoreFault(opened ? 'gone' : 'disk', error.message);
  return new StoreFault('disk', `internal: ${error instanceof Error ? error.name : typeof error}`);
}

const sent = (result: Result): SentResult =>
  'value' in result ? result : { fault: { reason: result.fault.reason, message: result.fault.message } };
