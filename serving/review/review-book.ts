/** @file The file of the queue, opened: calls are carried out together, in one transaction, and are on the disk when they return. */
import { statSync } from 'node:fs';
import type { DecisionRequest, EraseRequest, ExportFilter, Held } from '../protocol/index.js';
import { clean, createErase } from './erase.js';
import { createFeedback, type Feedback, type Kept } from './feedback.js';
import { createFigures, type Figures } from './figures.js';
import { createHold, type HeldText } from './hold.js';
import { type Db, openFile } from './open-file.js';
import { type Claimed, type ClaimRequest, createQueue, type ListRequest, type Outcome, type Page } from './queue.js';
import { StoreFault, toFault } from './store-fault.js';
import { createTrainingRows, type TrainingCursor, type TrainingPage } from './training-rows.js';

export type BookOptions = {
  readonly items: number;
  readonly megabytes: number;
  /** For which another process that writes is waited for. ms */
  readonly busyMs: number;
};

/** What can be asked of the file: by name, what it takes and gives. Times are ms since 1970. */
export type Calls = {
  readonly hold: { readonly takes: { readonly texts: readonly HeldText[] }; readonly gives: readonly Held[] };
  readonly suggest: { readonly takes: Feedback; readonly gives: Kept };
  readonly list: { readonly takes: ListRequest; readonly gives: Page };
  readonly claim: { readonly takes: ClaimRequest; readonly gives: Claimed };
  readonly decide: {
    readonly takes: { readonly id: string; readonly by: string; readonly decision: DecisionRequest };
    readonly gives: Outcome;
  };
  readonly release: { readonly takes: { readonly id: string; readonly by: string }; readonly gives: Outcome };
  readonly erase: { readonly takes: EraseRequest; readonly gives: number };
  readonly sweep: { readonly takes: { readonly before: number }; readonly gives: number };
  readonly training: {
    readonly takes: { readonly filter: ExportFilter; readonly from?: TrainingCursor | undefined };
    readonly gives: TrainingPage;
  };
  readonly figures: { readonly takes: Record<string, never>; readonly gives: Figures };
};
export type CallName = keyof Calls;
export type Call<N extends CallName = CallName> = { readonly [M in N]: { readonly name: M; readonly takes: Calls[M]['takes'] } }[N];
export type Given = Calls[CallName]['gives'];
export type Result = { readonly value: Given } | { readonly fault: StoreFault };

export type ReviewBook = {
  /** Each call's answer, or why there is none; a call that fails leaves no trace, and the others are carried out. */
  run(calls: readonly Call[], now: number): readonly Result[];
  /** One call. @throws StoreFault */
  ask<N extends CallName>(name: N, takes: Calls[N]['takes'], now: number): Calls[N]['gives'];
  /** Leaves nothing in the files of what was erased. @throws StoreFault */
  clean(): boolean;
  close(): void;
};

type Operations = { readonly [N in CallName]: (takes: Calls[N]['takes'], now: number) => Calls[N]['gives'] };

/** @throws UsageError for a path or a file that is not for us; StoreFault for one that cannot be used now */
export function openReviewBook(path: string, { items, ...options }: BookOptions): ReviewBook {
  const db = faulty(() => openFile(path, options));
  const operations = faulty(() => operationsOf(db, items));
  const opened = inodeOf(path);
  /** A file that was removed or replaced can still be written, and nobody will ever read it. */
  const checkPlace = (): void => {
    if (opened === undefined || inodeOf(path) === opened) return;
    throw new StoreFault('gone', 'the file was removed, or another one is in its place');
  };

  function together(calls: readonly Call[], now: number): readonly Result[] {
    checkPlace();
    db.exec('BEGIN IMMEDIATE');
    try {
      const results = calls.map((call): Result => ({ value: carryOut(operations, call, now) }));
      db.exec('COMMIT');
      checkPlace();
      return results;
    } catch (error) {
      // SQLite has rolled back by itself where the disk is full.
      if (db.inTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }

  function run(calls: readonly Call[], now: number): readonly Result[] {
    try {
      return faulty(() => together(calls, now));
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error;
      // One of them may be at fault, such as a text for which there is no room.
      if (calls.length > 1 && error.reason === 'full') return calls.flatMap((call) => run([call], now));
      return calls.map(() => ({ fault: error }));
    }
  }

  return {
    run,
    ask(name, takes, now) {
      const [result] = run([{ name, takes } as Call], now);
      if (result && 'value' in result) return result.value as never;
      throw result?.fault ?? new StoreFault('closed', 'nothing was answered');
    },
    clean: () => faulty(() => clean(db)),
    close: () => db.close(),
  };
}

function operationsOf(db: Db, items: number): Operations {
  const hold = createHold(db, items);
  const queue = createQueue(db);
  const { erase, sweep } = createErase(db);
  const training = createTrainingRows(db);
  const figures = createFigures(db);
  return {
    hold: ({ texts }, now) => hold(texts, now),
    suggest: createFeedback(db, items),
    list: queue.list,
    claim: queue.claim,
    decide: ({ id, by, decision }, now) => queue.decide(id, by, decision, now),
    release: ({ id, by }, now) => queue.release(id, by, now),
    erase,
    sweep: ({ before }) => sweep(before),
    training: ({ filter, from }) => training(filter, from),
    figures: (_nothing, now) => figures(now),
  };
}

function carryOut<N extends CallName>(operations: Operations, { name, takes }: Call<N>, now: number): Calls[N]['gives'] {
  return operations[name](takes, now);
}

function faulty<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toFault(error) ?? error;
  }
}

function inodeOf(path: string): string | undefined {
  const { dev, ino } = statSync(path, { throwIfNoEntry: false }) ?? {};
  return ino === undefined ? undefined : `${dev}:${ino}`;
}
