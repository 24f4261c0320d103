/** @file Why the file cannot be read or written at this moment. */

export type FaultReason = 'busy' | 'full' | 'read-only' | 'corrupt' | 'gone' | 'closed' | 'disk';

/** The message never holds a text: SQLite's own may quote a statement, never a value. */
export class StoreFault extends Error {
  readonly reason: FaultReason;
  constructor(reason: FaultReason, message: string) {
    super(message);
    this.name = 'StoreFault';
    this.reason = reason;
  }
}

const reasons: readonly (readonly [prefix: string, FaultReason])[] = [
  ['SQLITE_BUSY', 'busy'],
  ['SQLITE_LOCKED', 'busy'],
  ['SQLITE_FULL', 'full'],
  ['SQLITE_READONLY', 'read-only'],
  ['SQLITE_PERM', 'read-only'],
  ['SQLITE_CORRUPT', 'corrupt'],
  ['SQLITE_NOTADB', 'corrupt'],
  ['SQLITE_IOERR', 'disk'],
  ['SQLITE_CANTOPEN', 'disk'],
];

/** @returns `undefined` for what is no fault of the file */
export function toFault(error: unknown): StoreFault | undefined {
  if (error instanceof StoreFault) return error;
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  const found = reasons.find(([prefix]) => code?.startsWith(prefix));
  if (found) return new StoreFault(found[1], error.message);
  // The library does not always pass on a code when it cannot open a file.
  return /^ConnectionFailed/.test(error.message) ? new StoreFault('disk', 'the file cannot be opened') : undefined;
}
