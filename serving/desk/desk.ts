/** @file The desk itself: texts in, verdicts out, whatever protocol they came by. */
import { inputProblem, type TextInput, toVerdict, type Verdict } from '../../models/index.js';
import { ServiceError } from '../protocol/index.js';
import type { Catalogue, ServedModel } from './catalogue.js';
import type { Dispatcher, Timings } from './dispatcher.js';
import type { Metrics } from './metrics.js';

export type Ask = {
  readonly model: ServedModel;
  readonly texts: readonly TextInput[];
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
};

export type Reply = {
  /** One a text, in their order. */
  readonly verdicts: readonly Verdict[];
  readonly timings: Timings;
};

export type Desk = {
  readonly catalogue: Catalogue;
  /** @throws ServiceError `pair-missing`, `pair-unexpected`, `draining`, `not-ready`, `queue-full`, `deadline-exceeded`, `model-failed` */
  ask(ask: Ask): Promise<Reply>;
};

export type DeskDeps = {
  readonly catalogue: Catalogue;
  readonly dispatcher: Dispatcher;
  readonly metrics: Metrics;
  readonly ready: () => boolean;
  readonly draining: () => boolean;
};

export function createDesk({ catalogue, dispatcher, metrics, ready, draining }: DeskDeps): Desk {
  return {
    catalogue,
    async ask({ model, texts, signal }) {
      const { manifest } = model;
      checkInputs(model, texts);
      if (draining())
        throw new ServiceError('draining', 'the server is stopping', 'send the request to another one', { 'retry-after': '1' });
      if (!ready())
        throw new ServiceError('not-ready', 'the models are still being loaded', 'try again in a moment', { 'retry-after': '1' });
      const work = dispatcher.dispatch(model, texts);
      signal?.addEventListener('abort', work.cancel, { once: true });
      const { logits, truncated, timings } = await work.answers;
      const verdicts = logits.map((row, i) => toVerdict(manifest, row, truncated[i]));
      for (const { decision } of verdicts) metrics.decisions.labels(manifest.name, manifest.version, decision).inc();
      return { verdicts, timings };
    },
  };
}

/** @throws ServiceError `pair-missing` or `pair-unexpected`: the model would answer, but to what it was not trained for */
function checkInputs({ key, manifest }: ServedModel, texts: readonly TextInput[]): void {
  texts.forEach((text, i) => {
    const problem = inputProblem(text, manifest.text.input);
    if (problem) throw new ServiceError(problem.kind, `text ${i}, model ${key}: ${problem.what}`, problem.fix);
  });
}
