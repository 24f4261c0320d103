/** @file A second version that is asked along, so that one sees how it would decide before it does. Its answers go into metrics and nowhere else. */
import { type TextInput, toVerdict, type Verdict } from '../../models/index.js';
import type { PolicyBook } from '../policy/index.js';
import type { ServedModel } from './catalogue.js';
import type { Dispatcher } from './dispatcher.js';
import type { Limits } from './limits.js';
import type { Metrics } from './metrics/metrics.js';

export type ShadowOptions = {
  /** `name@version`, or `name` for its newest version: asked along with every other version of that name. */
  readonly model: string;
  /** Of the requests, 0 to 1: spread evenly, not drawn. */
  readonly share: number;
};

export type Shadow = {
  /** Told of every request that was answered. Never throws and is not waited for. */
  observe(model: ServedModel, texts: readonly TextInput[], verdicts: readonly Verdict[]): void;
  /** Settles when nothing is under way, for tests and for a server that stops. */
  idle(): Promise<void>;
};

export type ShadowDeps = {
  /** The model asked along; throws where there is none (any more). */
  readonly find: (reference: string) => ServedModel;
  readonly answer: (model: ServedModel, texts: readonly TextInput[]) => Promise<readonly Verdict[]>;
  /** Whether there is room: no reader waits for the sake of a shadow. */
  readonly hasRoom: () => boolean;
  readonly metrics: Pick<Metrics, 'shadowTexts' | 'shadowDifference' | 'shadowSkipped'>;
};

export function createShadow({ model: reference, share }: ShadowOptions, { find, answer, hasRoom, metrics }: ShadowDeps): Shadow {
  const under = new Set<Promise<void>>();
  let seen = 0;

  const compare = async (
    model: ServedModel,
    shadow: ServedModel,
    texts: readonly TextInput[],
    verdicts: readonly Verdict[],
  ): Promise<void> => {
    try {
      const seconds = await answer(shadow, texts);
      for (const [i, verdict] of verdicts.entries()) count(model, verdict, seconds[i]!);
    } catch {
      metrics.shadowSkipped.labels('failed').inc();
    }
  };

  const count = ({ manifest }: ServedModel, first: Verdict, second: Verdict): void => {
    const versions = [manifest.name, manifest.version, second.version] as const;
    const agrees = first.decision === second.decision && labelOf(first) === labelOf(second);
    metrics.shadowTexts.labels(...versions, String(agrees), first.decision, second.decision).inc();
    metrics.shadowDifference.labels(...versions).observe(difference(first, second));
  };

  return {
    observe(model, texts, verdicts) {
      let shadow: ServedModel;
      try {
        shadow = find(reference);
      } catch {
        return;
      }
      if (shadow.manifest.name !== model.manifest.name || shadow.key === model.key) return;
      const due = (requests: number): number => Math.floor(requests * share + 1e-9);
      if (due(++seen) === due(seen - 1)) return;
      if (!hasRoom()) return void metrics.shadowSkipped.labels('busy').inc();
      const work = compare(model, shadow, texts, verdicts).finally(() => under.delete(work));
      under.add(work);
    },
    async idle() {
      await Promise.all(under);
    },
  };
}

const labelOf = (verdict: Verdict): string | undefined => ('label' in verdict ? verdict.label : undefined);

/** The largest difference of a score, or of a value. */
function difference(first: Verdict, second: Verdict): number {
  const [a, b] = [first, second].map((verdict) => ('scores' in verdict ? verdict.scores : verdict.values));
  return Math.max(...Object.keys(a!).map((label) => Math.abs(a![label]! - (b![label] ?? 0))));
}

/** Asked under a name of its own, so that the queue deals with it as with any other client, and only while that is half empty. */
export function shadowAnswers(
  dispatcher: Dispatcher,
  { queueTexts }: Pick<Limits, 'queueTexts'>,
  policy: () => PolicyBook | undefined,
): Pick<ShadowDeps, 'answer' | 'hasRoom'> {
  return {
    hasRoom: () => dispatcher.waiting * 2 < queueTexts,
    async answer(model, texts) {
      const { manifest } = model;
      const { logits } = await dispatcher.dispatch(model, texts, { client: 'shadow' }).answers;
      const book = policy();
      return logits.map((row, i) => {
        const verdict = toVerdict(manifest, row);
        return book ? book.judge(verdict, { model: manifest, texts: [texts[i]!].flat() }) : verdict;
      });
    },
  };
}
