/** @file The desk itself: texts in, verdicts out, whatever protocol they came by. */
import { inputProblem, type Manifest, type Policy, type TextInput, toVerdict, type Verdict } from '../../models/index.js';
import { type PolicyBook, ruleName } from '../policy/index.js';
import { type ExplainAsk, type Explained, type Held, ServiceError } from '../protocol/index.js';
import type { TraceSpan } from '../tracing/index.js';
import type { Catalogue, ServedModel } from './catalogue.js';
import type { Dispatcher, Timings } from './dispatcher.js';
import type { DeskExplainer } from './explain.js';
import type { Metrics } from './metrics/metrics.js';
import { readTooLate } from './refusals.js';
import type { Registry } from './registry.js';
import type { Shadow } from './shadow.js';

export type Ask = {
  /** Who asks: the id of a key, else an address. */
  readonly client?: string | undefined;
  readonly model: ServedModel;
  readonly texts: readonly TextInput[];
  /** Milliseconds in which the answer must be there; the server's own `waitMs` is the most. 0 or less: they are over already. */
  readonly timeoutMs?: number | undefined;
  /** Whether it came before the server was told to stop: then it is answered all the same. */
  readonly accepted?: boolean | undefined;
  /** Of the texts, as BCP 47 has it; word lists go by it. */
  readonly language?: string | undefined;
  /** Nobody sits and waits for it: whatever others ask comes first. */
  readonly background?: boolean | undefined;
  /** `false`: no text of it is kept, not even one that is held. */
  readonly keep?: boolean | undefined;
  /** What the client calls each text. */
  readonly refs?: readonly (string | undefined)[] | undefined;
  /** Which words made the verdicts is to be told as well. */
  readonly explain?: ExplainAsk | undefined;
  /** The request in the trace that it belongs to. */
  readonly span?: TraceSpan | undefined;
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
  /** One a text, where they were asked for. */
  readonly explained?: readonly Explained[];
  /** By text, where what is held is queued for reviewers: what became of it; `undefined` for one that is not held. */
  readonly held?: readonly (Held | undefined)[];
};

export type Desk = {
  readonly catalogue: Catalogue;
  /** @throws ServiceError `pair-missing`, `pair-unexpected`, `draining`, `not-ready`, `queue-full`, `deadline-exceeded`, `model-failed`; `too-many-texts` or
   *  `invalid-request` for what cannot be explained */
  ask(ask: Ask): Promise<Reply>;
  /** The verdicts that `ask` would give, of logits that came from elsewhere. */
  judge(asked: Pick<Ask, 'client' | 'model' | 'texts' | 'language'>, rows: readonly LogitRow[]): readonly Verdict[];
  /** The scores from which on a client's texts are held. */
  thresholds(model: ServedModel, client?: string): Policy['labels'];
};

/** What a model gave for a text: `[labels]`, and whether the end of the text was cut off. */
export type LogitRow = { readonly logits: ArrayLike<number>; readonly truncated: boolean };

export type DeskDeps = {
  readonly registry: Pick<Registry, 'catalogue' | 'use'>;
  readonly dispatcher: Dispatcher;
  readonly metrics: Metrics;
  /** The policy that decides at this moment; without one the bundle's own does. */
  readonly policy?: () => PolicyBook | undefined;
  /** A second version that is asked along. */
  readonly shadow?: Pick<Shadow, 'observe'> | undefined;
  /** Without one, nothing is explained. */
  readonly explainer?: DeskExplainer | undefined;
  readonly ready: () => boolean;
  readonly draining: () => boolean;
};

export function createDesk({
  registry,
  dispatcher,
  metrics,
  policy = () => undefined,
  shadow,
  explainer,
  ready,
  draining,
}: DeskDeps): Desk {
  const judge: Desk['judge'] = ({ model: { manifest }, texts, client, language }, rows) => {
    const book = policy();
    const verdicts = rows.map(({ logits, truncated }, i) => {
      const verdict = toVerdict(manifest, logits, truncated);
      return book ? book.judge(verdict, { model: manifest, texts: [texts[i]!].flat(), client, language }) : verdict;
    });
    for (const verdict of verdicts) countVerdict(metrics, manifest, verdict);
    return verdicts;
  };
  return {
    catalogue: registry.catalogue,
    judge,
    thresholds: ({ manifest }, client) => policy()?.thresholds(manifest, client) ?? manifest.policy.labels,
    async ask({ model, texts, signal, client, timeoutMs, language, background, explain, span, accepted = false }) {
      checkInputs(model, texts);
      const tellWhy = explain && explainer?.begin({ model, texts, explain, client, timeoutMs, signal });
      if (draining() && !accepted)
        throw new ServiceError('draining', 'the server is stopping', 'send the request to another one', { 'retry-after': '1' });
      if (!ready())
        throw new ServiceError('not-ready', 'the models are still being loaded', 'try again in a moment', { 'retry-after': '1' });
      if (timeoutMs !== undefined && timeoutMs <= 0) {
        metrics.shed.labels('admission').inc(texts.length);
        throw readTooLate();
      }
      const done = registry.use(model);
      const work = dispatcher.dispatch(model, texts, { client, timeoutMs, background, span });
      signal?.addEventListener('abort', work.cancel, { once: true });
      try {
        const { logits, truncated, tokens, timings } = await work.answers.finally(() => signal?.removeEventListener('abort', work.cancel));
        const rows = logits.map((row, i) => ({ logits: row, truncated: truncated[i] ?? false }));
        const verdicts = judge({ model, texts, client, language }, rows);
        shadow?.observe(model, texts, verdicts);
        const explained = await tellWhy?.({ verdicts, logits, truncated });
        return { verdicts, logits, tokens, timings, ...(explained ? { explained } : {}) };
      } finally {
        done();
      }
    },
  };
}

/** By the label or the list that decided, never by a word. */
function countVerdict({ decisions, rules, truncated, scores }: Metrics, manifest: Manifest, verdict: Verdict): void {
  const { model, version, decision, observed, rule } = verdict;
  scores.observe(manifest, verdict);
  if (verdict.truncated) truncated.labels(model, version).inc();
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
