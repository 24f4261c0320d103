/** @file Any number of texts asked of the desk, a few at a time and behind everybody who waits for an answer. */
import type { TextInput, Verdict } from '../../models/index.js';
import type { Desk, ServedModel } from '../desk/index.js';
import { ServiceError } from '../protocol/index.js';

export type AskedTexts = {
  readonly model: ServedModel;
  readonly texts: readonly TextInput[];
  readonly client: string;
  readonly language?: string | undefined;
  readonly signal: AbortSignal;
};

export type AnsweredText = { readonly logits: Float32Array; readonly verdict: Verdict };

/** Texts in one question: enough for a batch. And how many questions wait at once: enough that no worker waits for the next. */
const [sliceTexts, slicesAtOnce] = [32, 2];

/**
 * `undefined` in place of a text on which the model fails.
 *
 * @param pause waits, so long as nobody ends it
 * @throws ServiceError of what does not pass by itself, `draining` among it; the signal's reason
 */
export async function answerTexts(
  desk: Pick<Desk, 'ask'>,
  { texts, ...rest }: AskedTexts,
  pause: (ms: number, signal: AbortSignal) => Promise<void>,
): Promise<readonly (AnsweredText | undefined)[]> {
  const answers: (AnsweredText | undefined)[] = new Array(texts.length).fill(undefined);
  let next = 0;
  const ask = async (from: number, count: number): Promise<void> => {
    const slice = texts.slice(from, from + count);
    try {
      const { logits, verdicts } = await patiently(() => desk.ask({ ...rest, texts: slice, background: true }), rest.signal, pause);
      for (const [i, verdict] of verdicts.entries()) answers[from + i] = { logits: logits[i]!, verdict };
    } catch (error) {
      if (!(error instanceof ServiceError && error.code === 'model-failed')) throw error;
      // One text of the slice breaks the model: the others are found out one by one.
      if (count > 1) for (let i = 0; i < slice.length; i++) await ask(from + i, 1);
    }
  };
  const work = async (): Promise<void> => {
    while (next < texts.length) {
      const from = next;
      next += sliceTexts;
      await ask(from, Math.min(sliceTexts, texts.length - from));
    }
  };
  await Promise.all(Array.from({ length: slicesAtOnce }, work));
  return answers;
}

/** Refusals that pass by themselves. */
const passing: ReadonlySet<string> = new Set(['queue-full', 'deadline-exceeded', 'not-ready']);

async function patiently<T>(
  ask: () => Promise<T>,
  signal: AbortSignal,
  pause: (ms: number, signal: AbortSignal) => Promise<void>,
): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ServiceError && passing.has(error.code))) throw error;
      await pause(250, signal);
    }
  }
}
