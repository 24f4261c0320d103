/**
 * @file Whether the scores are spread as they once were. Of each label, the last thousand texts against a reference: the scores on val that
 * the bundle carries, or, in bundles without, the first thousand texts that were asked here. Counts in tenths; no text is kept.
 *
 * The measure is the population stability index, Σ (p − q) · ln(p / q) over the tenths (p: share of the last texts, q: of the reference), which is
 * the symmetric Kullback-Leibler divergence. By custom (Siddiqi, Credit Risk Scorecards, 2006) below .1 is as before, .1 to .25 has moved, and
 * more is another population. Where nothing has moved, it is (tenths − 1) · (1/n + 1/m) on average (Yurdakul, 2018): .018 for a thousand and a thousand.
 */
import { type Manifest, scoreBin, scoreBins, type Verdict } from '../../../models/index.js';

type Model = Pick<Manifest, 'name' | 'version'>;

export type ScoreWatch = {
  observe(manifest: Manifest, verdict: Verdict): void;
  forget(model: Model): void;
  /** Of models with a reference and enough texts to compare. */
  drift(): readonly { readonly model: string; readonly version: string; readonly label: string; readonly index: number }[];
  references(): readonly {
    readonly model: string;
    readonly version: string;
    readonly source: 'val' | 'first-texts';
    readonly texts: number;
  }[];
};

/** Labels that are watched of a model with more of them. */
export const watchedLabels = 32;
/** The last texts are counted in blocks, so that the oldest can be let go. */
const blockTexts = 200;
const blocks = 5;
const firstTexts = 1_000;

/** How many texts, and by label how many scores in each tenth. */
type Counts = { texts: number; readonly of: readonly (readonly number[])[] };
type Watched = {
  readonly model: Model;
  readonly labels: readonly string[];
  readonly source: 'val' | 'first-texts';
  reference: Counts;
  /** The last one is being filled. */
  recent: Counts[];
};

/** @param each told of each score that is watched */
export function createScoreWatch(each: (model: Model, label: string, score: number) => void = () => {}): ScoreWatch {
  const watched = new Map<string, Watched>();
  const isDue = ({ reference, recent, source }: Watched): boolean =>
    recent.reduce((sum, { texts }) => sum + texts, 0) >= blockTexts && (source === 'val' || reference.texts >= firstTexts);

  return {
    observe(manifest, verdict) {
      // The values of a regression have no bounds to cut up.
      if (!('scores' in verdict)) return;
      const key = keyOf(manifest);
      const its = watched.get(key) ?? watch(manifest);
      watched.set(key, its);
      const { labels } = its;
      const counts = its.source === 'first-texts' && its.reference.texts < firstTexts ? its.reference : openBlock(its);
      counts.texts += 1;
      for (let i = 0; i < labels.length; i++) {
        const score = verdict.scores[labels[i]!]!;
        (counts.of[i] as number[])[scoreBin(score)]! += 1;
        each(manifest, labels[i]!, score);
      }
    },
    forget: (model) => void watched.delete(keyOf(model)),
    drift: () =>
      [...watched.values()].filter(isDue).flatMap(({ model, labels, reference, recent }) =>
        labels.map((label, i) => ({
          model: model.name,
          version: model.version,
          label,
          index: stabilityIndex(sum(recent.map(({ of }) => of[i]!)), reference.of[i]!),
        })),
      ),
    references: () =>
      [...watched.values()].map(({ model, source, reference: { texts } }) => ({
        model: model.name,
        version: model.version,
        source,
        texts,
      })),
  };
}

/** Half a text is added to each tenth, so that an empty one has a logarithm. */
export function stabilityIndex(counts: readonly number[], reference: readonly number[]): number {
  const [p, q] = [shares(counts), shares(reference)];
  return p.reduce((index, share, i) => index + (share - q[i]!) * Math.log(share / q[i]!), 0);
}

function shares(counts: readonly number[]): readonly number[] {
  const all = counts.reduce((total, count) => total + count + 0.5, 0);
  return counts.map((count) => (count + 0.5) / all);
}

function watch({ name, version, labels: all, metrics }: Manifest): Watched {
  const labels = all.slice(0, watchedLabels);
  const recorded = metrics.val?.task === 'regression' ? undefined : metrics.val?.scoreCounts;
  const model = { name, version };
  if (!recorded || !labels.every((label) => recorded[label]))
    return { model, labels, source: 'first-texts', reference: empty(labels), recent: [] };
  const of = labels.map((label) => recorded[label]!);
  return { model, labels, source: 'val', reference: { texts: of[0]!.reduce((total, count) => total + count, 0), of }, recent: [] };
}

const keyOf = ({ name, version }: Model): string => `${name}@${version}`;
const empty = (labels: readonly string[]): Counts => ({ texts: 0, of: labels.map(() => new Array<number>(scoreBins).fill(0)) });

function openBlock(its: Watched): Counts {
  const last = its.recent.at(-1);
  if (last && last.texts < blockTexts) return last;
  const next = empty(its.labels);
  its.recent = [...its.recent.slice(1 - blocks), next];
  return next;
}

function sum(rows: readonly (readonly number[])[]): readonly number[] {
  return rows.reduce((total, row) => total.map((count, i) => count + row[i]!), new Array<number>(scoreBins).fill(0));
}
