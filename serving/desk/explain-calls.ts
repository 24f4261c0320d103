/** @file What an explanation asks the model, as long as there is time and room: behind everything that somebody waits for a verdict of. */
import type { PathPoint, TextInput } from '../../models/index.js';
import type { Unexplained } from '../protocol/index.js';
import type { ServedModel } from './catalogue.js';
import type { Dispatcher } from './dispatcher.js';
import type { Limits } from './limits.js';
import type { Metrics } from './metrics/metrics.js';

export type ExplainCalls = {
  /** Logits of texts that nobody wrote. */
  texts(inputs: readonly TextInput[]): Promise<readonly Float32Array[]>;
  /** What the explain graph says of points on the way to a text. */
  points(points: readonly PathPoint[]): Promise<readonly Float32Array[]>;
};

export type ExplainCallsOptions = {
  readonly dispatcher: Dispatcher;
  readonly limits: Limits;
  readonly metrics: Pick<Metrics, 'explainCalls'>;
  readonly model: ServedModel;
  readonly client: string | undefined;
  /** Milliseconds that are left. */
  readonly left: () => number;
  /** Aborted when the time is over or nobody waits any more. */
  readonly over: AbortSignal;
};

/** Both reject with `Unexplainable`, and as the dispatcher does. */
export function createExplainCalls({ dispatcher, limits, metrics, model, client, left, over }: ExplainCallsOptions): ExplainCalls {
  const chunk = Math.max(1, Math.min(limits.batchTexts, Math.floor(limits.queueTexts / 8)));

  const inChunks = async <T>(asked: readonly T[], dispatch: (part: readonly T[]) => Work): Promise<readonly Float32Array[]> => {
    const rows: Float32Array[] = [];
    for (let at = 0; at < asked.length; at += chunk) {
      if (over.aborted) throw new Unexplainable('time');
      if (dispatcher.waiting * 2 > limits.queueTexts) throw new Unexplainable('busy');
      const part = asked.slice(at, at + chunk);
      metrics.explainCalls.labels(model.manifest.name, model.manifest.version).inc(part.length);
      const work = dispatch(part);
      over.addEventListener('abort', work.cancel, { once: true });
      rows.push(...(await work.rows.finally(() => over.removeEventListener('abort', work.cancel))));
    }
    return rows;
  };

  const timeoutMs = (): number => Math.max(1, left());
  return {
    texts: (inputs) =>
      inChunks(inputs, (part) => {
        const { answers, cancel } = dispatcher.dispatch(model, part, { client, timeoutMs: timeoutMs(), probe: true });
        return { rows: answers.then(({ logits }) => logits), cancel };
      }),
    points: (points) =>
      inChunks(points, (part) => {
        const { answers, cancel } = dispatcher.dispatchPoints(model, part, { client, timeoutMs: timeoutMs() });
        return { rows: answers, cancel };
      }),
  };
}

type Work = { readonly rows: Promise<readonly Float32Array[]>; cancel(): void };

export class Unexplainable extends Error {
  readonly reason: Unexplained;
  constructor(reason: Unexplained) {
    super(reason);
    this.reason = reason;
  }
}
