/** @file How a verb fails: what is printed, and the exit code. */
import { CommanderError } from 'commander';
import { type ErrorCode, UsageError } from '../models/index.js';
import type { Terminal } from './terminal.js';

/** 1: it could not be done. 2: it was asked wrongly, so asking again will not help. */
export type ExitCode = 0 | 1 | 2;

const wrongUsage: ReadonlySet<ErrorCode> = new Set(['usage/argument', 'config/missing', 'config/invalid']);

/** Reports `error` on stderr and returns the exit code. Commander has already printed its own errors, and help is none. */
export function report(error: unknown, verb: string, { stderr, env }: Pick<Terminal, 'stderr' | 'env'>): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const debug = env.COPYDESK_DEBUG === '1';
  if (error instanceof UsageError) {
    stderr.write(`copydesk ${verb}: ${debug ? error.stack : error.message}\n`);
    return wrongUsage.has(error.code) ? 2 : 1;
  }
  const message = error instanceof Error ? error.message : String(error);
  const more =
    debug && error instanceof Error
      ? error.stack
      : `${message}\nThis is a fault of copydesk itself, or of the machine. COPYDESK_DEBUG=1 shows where it happened.`;
  stderr.write(`copydesk ${verb}: ${more}\n`);
  return 1;
}
