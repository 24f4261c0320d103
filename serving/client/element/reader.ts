/** @file Reads a text while it is being written: waits for a pause, gives up what is out of date, and never answers for another text. */
import type { Answer, Classifier } from '../asking/index.js';

export type ReaderOptions = {
  /** `undefined`: nothing can be asked yet. */
  readonly classifier: () => Classifier | undefined;
  /** Milliseconds of a pause. */
  readonly pause: () => number;
  /** Characters from which a text is read. */
  readonly least: () => number;
  readonly onReading: () => void;
  readonly onAnswer: (text: string, answer: Answer) => void;
  readonly onFailure: (error: unknown) => void;
  readonly onNothing: () => void;
};

export type Reader = {
  /** The text is this now. @returns whether it is another one, so that what was answered holds no longer */
  write(text: string): boolean;
  /** Reads what is not read yet without waiting for a pause; resolves when the last text is answered, or could not be. */
  finish(): Promise<void>;
  stop(): void;
};

export function createReader({ classifier, pause, least, onReading, onAnswer, onFailure, onNothing }: ReaderOptions): Reader {
  let text = '';
  /** The text that was answered or is being asked. */
  let settled: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: AbortController | undefined;
  let reading: Promise<void> = Promise.resolve();

  async function read(): Promise<void> {
    const source = classifier();
    if (!source) return;
    const asked = text;
    const controller = new AbortController();
    asking = controller;
    settled = asked;
    onReading();
    try {
      const answer = await source.classify(asked, { signal: controller.signal });
      if (asking === controller) onAnswer(asked, answer);
    } catch (error) {
      if (asking !== controller) return;
      settled = undefined; // the same text may be tried again
      onFailure(error);
    }
  }

  function stop(): void {
    clearTimeout(timer);
    timer = undefined;
    asking?.abort();
    asking = undefined;
    settled = undefined;
  }

  const start = (): void => {
    timer = undefined;
    reading = read();
  };

  return {
    write(now) {
      if (now === text && (timer !== undefined || settled === now)) return false;
      text = now;
      stop();
      if ([...now.trim()].length < least()) onNothing();
      else timer = setTimeout(start, pause());
      return true;
    },
    async finish() {
      if (timer !== undefined) {
        clearTimeout(timer);
        start();
      }
      await reading;
    },
    stop,
  };
}
