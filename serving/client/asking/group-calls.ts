/** @file Calls that are made together are asked together: one request, or one run of the model, for many of them. */
import type { Answer, ClassifyOptions, Item } from './classifier.js';
import { asCopydeskError, type CopydeskError, deadlineExceeded, disposed } from './copydesk-error.js';
import { longest } from './limited.js';

export type Batch = {
  readonly items: readonly Item[];
  readonly explain: { readonly label?: string } | undefined;
  /** When the last of its calls is given up, by `performance.now()`; may be infinite. */
  readonly deadline: number;
  /** Raised when all its calls were given up. */
  readonly signal: AbortSignal;
};

export type GroupOptions = {
  /** One answer an item, in order. */
  readonly ask: (batch: Batch) => Promise<readonly Answer[]>;
  /** Milliseconds that the first call waits for others. */
  readonly wait: number;
  /** Items of one batch at most; explaining takes many times as long as answering. */
  readonly texts: { readonly plain: number; readonly explained: number };
  /** UTF-16 code units of one batch at most; a longer text goes alone. */
  readonly characters: number;
  /** Batches in hand at once. */
  readonly parallel: number;
  /** Milliseconds that a call may take which does not say. */
  readonly timeout: number;
  /** Whether one item may be the reason, so that calls which shared a batch are asked again one by one. */
  readonly splits: (error: CopydeskError) => boolean;
};

export type GroupedCalls = {
  classify(items: readonly Item[], options: ClassifyOptions): Promise<readonly Answer[]>;
  /** Rejects all that waits. */
  dispose(): void;
};

type Call = {
  /** Calls that may go together have the same. */
  readonly key: string;
  readonly items: readonly Item[];
  readonly explain: Batch['explain'];
  readonly deadline: number;
  readonly answers: Answer[];
  /** The first item that is in no batch yet. */
  next: number;
  left: number;
  settle: ((error?: CopydeskError | { readonly reason: unknown }) => void) | undefined;
};
type Piece = { readonly call: Call; readonly index: number };
type Flight = { readonly calls: ReadonlySet<Call>; readonly controller: AbortController };

export function groupCalls({ ask, wait, texts, characters, parallel, timeout: usual, splits }: GroupOptions): GroupedCalls {
  let waiting: Call[] = [];
  const flying = new Set<Flight>();
  let running = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;

  function classify(items: readonly Item[], { signal, explain, timeout = usual }: ClassifyOptions): Promise<readonly Answer[]> {
    return new Promise((resolve, reject) => {
      if (over) return reject(disposed());
      if (signal?.aborted) return reject(signal.reason);
      if (items.length === 0) return resolve([]);
      const asked = explain === true ? {} : explain || undefined;
      const call: Call = {
        key: JSON.stringify([asked, timeout]),
        items,
        explain: asked,
        deadline: performance.now() + timeout,
        answers: new Array<Answer>(items.length),
        next: 0,
        left: items.length,
        settle(error) {
          call.settle = undefined;
          clearTimeout(limit);
          signal?.removeEventListener('abort', giveUp);
          if (!error) return resolve(call.answers);
          reject('reason' in error ? error.reason : error);
          forget(call);
        },
      };
      const giveUp = (): void => call.settle?.({ reason: signal?.reason });
      const limit = Number.isFinite(timeout)
        ? setTimeout(() => call.settle?.(deadlineExceeded(timeout)), Math.min(timeout, longest))
        : undefined;
      signal?.addEventListener('abort', giveUp);
      waiting.push(call);
      timer ??= setTimeout(() => {
        timer = undefined;
        start();
      }, wait);
    });
  }

  function forget(call: Call): void {
    waiting = waiting.filter((one) => one !== call);
    for (const { calls, controller } of flying) if ([...calls].every((one) => !one.settle)) controller.abort();
  }

  /** No call waits for a place that is free; one of many items gives way to the next after each batch. */
  function start(): void {
    while (running < parallel && waiting.length > 0) {
      const pieces = take();
      running += 1;
      void send(pieces).finally(() => {
        running -= 1;
        if (timer === undefined) start();
      });
    }
  }

  function take(): Piece[] {
    const first = waiting[0]!;
    const pieces: Piece[] = [];
    const most = first.explain ? texts.explained : texts.plain;
    let length = 0;
    for (const call of waiting.filter(({ key }) => key === first.key)) {
      for (; call.next < call.items.length; call.next++) {
        length += lengthOf(call.items[call.next]!);
        if (pieces.length === most || (pieces.length > 0 && length > characters)) break;
        pieces.push({ call, index: call.next });
      }
      if (call.next < call.items.length) break;
    }
    waiting = waiting.filter(({ next, items }) => next < items.length);
    if (waiting[0] === first) waiting.push(waiting.shift()!);
    return pieces;
  }

  async function send(pieces: readonly Piece[]): Promise<void> {
    const calls = new Set(pieces.map(({ call }) => call));
    const flight: Flight = { calls, controller: new AbortController() };
    flying.add(flight);
    try {
      const { explain } = pieces[0]!.call;
      const deadline = Math.max(...[...calls].map((call) => call.deadline));
      const items = pieces.map(({ call, index }) => call.items[index]!);
      const answers = await ask({ items, explain, deadline, signal: flight.controller.signal });
      pieces.forEach(({ call, index }, i) => {
        call.answers[index] = answers[i]!;
        call.left -= 1;
        if (call.left === 0) call.settle?.();
      });
    } catch (thrown) {
      const error = asCopydeskError(thrown);
      if (calls.size === 1 || !splits(error)) for (const call of calls) call.settle?.(error);
      else for (const one of calls) if (one.settle) await send(pieces.filter(({ call }) => call === one));
    } finally {
      flying.delete(flight);
    }
  }

  return {
    classify,
    dispose() {
      over = true;
      clearTimeout(timer);
      const calls = new Set([...waiting, ...[...flying].flatMap((flight) => [...flight.calls])]);
      for (const call of calls) call.settle?.(disposed());
    },
  };
}

const lengthOf = (item: Item): number => (typeof item === 'string' ? item.length : item.text.length + (item.pair?.length ?? 0));
