/** @file What a call is rejected with. */
import type { ErrorCode } from '../../../models/index.js';
import type { ServiceErrorCode } from '../../protocol/index.js';

export type ProblemCode =
  /** The server's own word; `deadline-exceeded` also where the time was over before it answered. */
  | ServiceErrorCode
  /** What is wrong with a bundle, or with its model here. */
  | ErrorCode
  /** No answer came: no network, no server, or a server that does not allow this page. */
  | 'unreachable'
  /** Something answered that is no Copydesk server, or no bundle. */
  | 'answer-invalid'
  /** The Web Worker could not be started, or ended before it answered. */
  | 'worker-ended'
  | 'disposed';

export type ProblemDetails = {
  /** Of the answer, where there was one. */
  readonly status?: number;
  /** Milliseconds after which the server would be asked again. */
  readonly retryAfter?: number;
};

export class CopydeskError extends Error {
  readonly code: ProblemCode;
  /** What can be done about it. */
  readonly fix: string;
  readonly status: number | undefined;
  readonly retryAfter: number | undefined;

  constructor(code: ProblemCode, message: string, fix: string, { status, retryAfter }: ProblemDetails = {}) {
    super(message);
    this.name = 'CopydeskError';
    this.code = code;
    this.fix = fix;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export const deadlineExceeded = (milliseconds: number): CopydeskError =>
  new CopydeskError('deadline-exceeded', `no answer within ${milliseconds} ms`, 'ask again, or allow more time');

export const disposed = (): CopydeskError =>
  new CopydeskError('disposed', 'the classifier was disposed of', 'create another one, and dispose of it when the last call is answered');

/** Whatever was thrown, as what callers are promised. */
export function asCopydeskError(error: unknown): CopydeskError {
  if (error instanceof CopydeskError) return error;
  return new CopydeskError('internal', error instanceof Error ? error.message : String(error), 'report it, with what was asked');
}
