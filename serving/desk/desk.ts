/** @file The desk itself: texts in, verdicts out, whatever protocol they came by. */
import { inputProblem, type Policy, type TextInput, toVerdict, type Verdict } from '../../models/index.js';
import { type PolicyBook, ruleName } from '../policy/index.js';
import { ServiceError } from '../protocol/index.js';
import type { Catalogue, ServedModel } from './catalogue.js';
import type { Dispatcher, Timings } from './dispatcher.js';
import type { Metrics } from './metrics.js';
import type { Registry } from './registry.js';
import type { Shadow } from './shadow.js';

export type Ask = {
  /** Who asks: the id of a key, else an address. */
  readonly client?: string | undefined;
  readonly model: ServedModel;
  readonly texts: readonly TextInput[];
  /** Milliseconds in which the answer must be there; the server's own `waitMs` is the most. */
  readonly timeoutMs?: number | undefined;
  /** Of the texts, as BCP 47 has it; word lists go by it. */
  readonly language?: string | undefined;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
};

export type Reply = {
  /** One a text, in their order. */
  readonly verdicts: readonly Verdict[];
  /** What the model gave before temperature and activation; one row a text, each `[labels]`. */
  readonly logits: readonly Float32Array[];
  /** Tokens read of each text, special ones included; of a pair that is read in both orders, those of one reading. */
  readonly tokens: readonly number[];
  readonly timings: Timings;
};

export type Desk = {
  readonly catalogue: Catalogue;
  /** @throws ServiceError `pair-missing`, `pair-unexpected`, `draining`, `not-ready`, `queue-full`, `deadline-exceeded`, `model-failed` */
  ask(ask: Ask): Promise<Reply>;
  /** The scores from which on a client's texts are held. */
  thresholds(model: ServedModel, client?: string): Policy['labels'];
};

export type DeskDeps = {
  readonly registry: Pick<Registry, 'catalogue' | 'use'>;
  readonly dispatcher: Dispatcher;
  readonly metrics: Metrics;
  /** The policy that decides at this moment; without one the bundle's own does. */
  readonly policy?: () => PolicyBook | undefined;
  /** A second version that is asked along. */
  readonly shadow?: Pick<Shadow, 'observe'> | undefined;
  readonly ready: () => boolean;
  readonly draining: () => boolean;
};

export function createDesk({ registry, dispatcher, metrics, policy = () => undefined, shadow, ready, draining }: DeskDeps): Desk {
  return {
    catalogue: registry.catalogue,
    thresholds: ({ manifest }, client) => policy()?.thresholds(manifest, client) ?? manifest.policy.labels,
    async ask({ model, texts, signal, client, timeoutMs, language }) {
      const { manifest } = model;
      checkInputs(model, texts);
      if (draining())
        throw new ServiceError('draining', 'the server is stopping', 'send the request to another one', { 'retry-after': '1' });
      if (!ready())
        throw new ServiceError('not-ready', 'the models are still being loaded', 'try again in a moment', { 'retry-after': '1' });
      const done = registry.use(model);
      const work = dispatcher.dispatch(model, texts, { client, timeoutMs });
      signal?.addEventListener('abort', work.cancel, { once: true });
      const { logits, truncated, tokens, timings } = await work.answers.finally(done);
      const book = policy();
      const verdicts = logits.map((row, i) => {
        const verdict = toVerdict(manifest, row, truncated[i]);
        return book ? book.judge(verdict, { model: manifest, texts: [texts[i]!].flat(), client, language }) : verdict;
      });
      for (const verdict of verdicts) countVerdict(metrics, verdict);
      shadow?.observe(model, texts, verdicts);
      return { verdicts, logits, tokens, timings };
    },
  };
}

/** By the label or the list that decided, never by a word. */
function countVerdict({ decisions, rules }: Metrics, { model, version, decision, observed, rule }: Verdict): void {
  decisions.labels(model, version, decision).inc();
  const mode = observed === undefined ? 'enforced' : 'observed';
  rules.labels(model, version, rule.kind, ruleName(rule), observed ?? decision, mode).inc();
}

/** @throws ServiceError `pair-missing` or `pair-unexpected`: the model would answer, but to what it was not trained for */
function checkInputs({ key, manifest }: ServedModel, texts: readonly TextInput[]): void {
  texts.forEach((text, i) => {
    const problem = inputProblem(text, manifest.text.input);
    if (problem) throw new ServiceError(problem.kind, `text ${i}, model ${key}: ${problem.what}`, problem.fix);
  });
}
