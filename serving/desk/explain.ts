/** @file Why texts got their verdicts: within the bounds of the server, when nobody waits for a verdict, and before the request's time is over. */
import { readingsOf, type TextInput, type Verdict } from '../../models/index.js';
import { createIntegratedGradients, createOcclusion, type Explainer, labelToExplain, pointsFor } from '../explain/index.js';
import { type ExplainAsk, type Explained, ServiceError, shown, type Unexplained } from '../protocol/index.js';
import type { ServedModel } from './catalogue.js';
import type { Dispatcher } from './dispatcher.js';
import { createExplainCalls, Unexplainable } from './explain-calls.js';
import type { Limits } from './limits.js';
import type { Metrics } from './metrics/metrics.js';
import { gone } from './refusals.js';
import { explainFile } from './worker-model.js';

export type ExplainRequest = {
  readonly model: ServedModel;
  readonly texts: readonly TextInput[];
  readonly explain: ExplainAsk;
  readonly client?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** What the model made of the texts; one of each a text. */
export type Judged = {
  readonly verdicts: readonly Verdict[];
  /** `[texts][labels]` */
  readonly logits: readonly ArrayLike<number>[];
  readonly truncated: readonly boolean[];
};

export type DeskExplainer = {
  /** To be called when the request comes: its time runs from here.
   *  @throws ServiceError `too-many-texts`, or `invalid-request` for a label that the model does not have
   *  @returns what explains its verdicts, one after another; never rejects but for a client that has gone, and for faults of our own */
  begin(request: ExplainRequest): (judged: Judged) => Promise<readonly Explained[]>;
};

export type DeskExplainerDeps = {
  readonly dispatcher: Dispatcher;
  readonly limits: Limits;
  readonly metrics: Pick<Metrics, 'explanations' | 'explainCalls'>;
  readonly now: () => number;
};

/** Kept back from the time of a request, for writing its answer. Milliseconds. */
const marginMs = 10;

export function createDeskExplainer({ dispatcher, limits, metrics, now }: DeskExplainerDeps): DeskExplainer {
  const explainerOf = (request: ExplainRequest, deadline: number, over: AbortSignal): Explainer => {
    const { model, client, texts, explain } = request;
    const { maxTokens, pairs } = model.manifest.text;
    const { tokenizer } = model;
    const ask = createExplainCalls({ dispatcher, limits, metrics, model, client, left: () => deadline - now(), over });
    const readings = readingsOf(texts.slice(0, 1), pairs).inputs.length;
    const occlusion = createOcclusion({
      ask: ask.texts,
      read: async (input) => (await tokenizer.encode(readingsOf([input], pairs).inputs, maxTokens)).flatMap(({ ids }) => ids),
      calls: Math.max(4, Math.floor(limits.explainCalls / readings)),
    });
    const gradients = {
      ask: ask.points,
      tokenizer,
      text: model.manifest.text,
      points: pointsFor(limits.explainCalls),
      otherwise: occlusion,
    };
    return explainFile(model) && explain.method !== 'occlusion' ? createIntegratedGradients(gradients) : occlusion;
  };

  return {
    begin(request) {
      const { model, texts, explain, timeoutMs = limits.waitMs, signal } = request;
      checkAsked(request, limits);
      const deadline = now() + Math.min(timeoutMs, limits.waitMs) - marginMs;
      return async (judged) => {
        if (limits.explainTexts === 0) return texts.map(() => ({ unexplained: 'off' }) as const);
        const over = new AbortController();
        const end = (): void => over.abort();
        const ms = Math.min(limits.explainMs, deadline - now());
        const timer = setTimeout(end, Math.max(0, ms));
        signal?.addEventListener('abort', end, { once: true });
        const explainer = explainerOf(request, now() + ms, over.signal);
        const explained: Explained[] = [];
        try {
          for (const [i, input] of texts.entries()) {
            const label = labelToExplain(judged.verdicts[i]!, explain.label);
            const question = { input, rules: model.manifest, label, logits: judged.logits[i]!, truncated: judged.truncated[i] ?? false };
            const before = explained.at(-1);
            // Where there was no time or no room for one text, there is none for the next.
            const hopeless = before && 'unexplained' in before && before.unexplained !== 'failed';
            const outcome = hopeless ? before : await attempt(explainer, question, over.signal, ms);
            if (signal?.aborted) throw gone();
            const how = 'unexplained' in outcome ? outcome.unexplained : outcome.explanation.method;
            metrics.explanations.labels(model.manifest.name, model.manifest.version, how).inc();
            explained.push(outcome);
          }
          return explained;
        } finally {
          clearTimeout(timer);
          signal?.removeEventListener('abort', end);
        }
      };
    },
  };
}

async function attempt(explainer: Explainer, question: Parameters<Explainer>[0], over: AbortSignal, ms: number): Promise<Explained> {
  if (ms <= 0 || over.aborted) return { unexplained: 'time' };
  try {
    return { explanation: await explainer(question) };
  } catch (error) {
    const reason = over.aborted ? 'time' : reasonOf(error);
    if (reason === undefined) throw error;
    return { unexplained: reason };
  }
}

const reasons: Partial<Readonly<Record<ServiceError['code'], Unexplained>>> = {
  'queue-full': 'busy',
  'deadline-exceeded': 'time',
  'model-failed': 'failed',
};

/** `undefined`: a fault of our own, which is not to be hidden. */
function reasonOf(error: unknown): Unexplained | undefined {
  if (error instanceof Unexplainable) return error.reason;
  if (!(error instanceof ServiceError)) return undefined;
  return reasons[error.code];
}

function checkAsked({ model, texts, explain }: ExplainRequest, { explainTexts }: Limits): void {
  if (explainTexts > 0 && texts.length > explainTexts) {
    const what = `${texts.length} texts are to be explained; at most ${explainTexts} are in one request`;
    throw new ServiceError('too-many-texts', what, `ask for explanations of up to ${explainTexts} texts at once`);
  }
  const { labels } = model.manifest;
  if (explain.label === undefined || labels.includes(explain.label)) return;
  const what = `model ${model.key} has no label ${shown(explain.label, 'of that name')} to explain`;
  throw new ServiceError('unknown-label', what, 'name one of its labels (GET /models), or leave "label" out');
}
