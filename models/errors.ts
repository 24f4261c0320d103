/** @file Errors a person can act on. Each says where, what is wrong, with what was given, and what to do. */

export type ErrorCode =
  | 'graph/shape'
  | 'graph/type'
  | 'graph/name'
  | 'onnx/invalid'
  | 'weights/invalid'
  | 'weights/missing'
  | 'text/tokenizer'
  | 'runtime/provider'
  | 'runtime/model'
  | 'bundle/missing'
  | 'bundle/invalid'
  | 'bundle/newer'
  | 'bundle/path'
  | 'bundle/hash'
  | 'bundle/parity'
  | 'config/missing'
  | 'config/invalid'
  | 'data/missing'
  | 'data/invalid'
  | 'training/engine'
  | 'training/nan'
  | 'training/checkpoint'
  | 'training/run'
  | 'export/failed'
  | 'hub/refused'
  | 'hub/unreachable'
  | 'hub/answer'
  | 'serving/start'
  | 'serving/stopped'
  | 'usage/argument';

/** Something the user can mend. `message` is `what. Fix: fix`; shown without a stack trace. */
export class UsageError extends Error {
  readonly code: ErrorCode;
  readonly fix: string;

  constructor(code: ErrorCode, what: string, fix: string) {
    super(`${what.replace(/\.$/, '')}. Fix: ${fix}`);
    this.name = 'UsageError';
    this.code = code;
    this.fix = fix;
  }
}

/** Throws when something happens that only a bug of ours can cause. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message.startsWith('internal:') ? message : `internal: ${message}`);
}
