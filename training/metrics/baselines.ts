/** @file What a model must beat: the best answer that looks at no text, and word counts with a linear model. */
import { setImmediate } from 'node:timers/promises';
import type { Dataset } from '../data/dataset.js';
import { type Example, labelOf, type Task } from '../data/example.js';
import { createRandom } from '../data/random.js';
import { indexOfLargest, mean } from './confusion.js';
import { score, trainLinearSvm } from './linear-svm.js';
import { comparedFigures, type Figures, metricValue } from './metric-names.js';
import { computeMetrics } from './metrics.js';
import { trainRidge } from './ridge.js';
import { fitTfIdf, type SparseRows, tfIdfColumns } from './tf-idf.js';

/** With the figures that models are compared by (`comparedFigures`). */
export type Baselines = {
  /** The same answer to every text: the most frequent label, the labels that most texts have, the mean of the values. `says` follows the
   *  word “always”. */
  readonly constant: { readonly says: string; readonly figures: Figures };
  /** TF-IDF of words and letters with a linear support vector machine for each label, or for values with ridge regression. */
  readonly tfIdf: { readonly trainedOn: number; readonly figures: Figures };
};

/** On val. Deterministic. Lets other work run between labels.
 *  @param limit examples of train that are looked at, a random sample where there are more */
export async function computeBaselines(
  { task, labels, splits }: Pick<Dataset, 'task' | 'labels' | 'splits'>,
  limit = 40_000,
): Promise<Baselines> {
  const { val } = splits;
  const train = splits.train.length > limit ? createRandom(1).shuffle(splits.train).slice(0, limit) : splits.train;
  const constant = constants[task](labels, splits.train);
  await setImmediate();
  const vectorize = fitTfIdf(train);
  await setImmediate();
  const [trainRows, valRows] = [vectorize(train), vectorize(val)];
  const logits = val.map(() => new Array<number>(labels.length).fill(0));
  for (const label of asked[task](labels)) {
    await setImmediate();
    const predict = fits[task](
      trainRows,
      train.map(({ target }) => target[label]!),
    );
    for (const [row, values] of logits.entries()) values[label] = predict(valRows, row);
  }
  const measure = (rows: readonly (readonly number[])[]): Figures => {
    const metrics = computeMetrics({ task, labels, temperature: 1, logits: rows, targets: val.map(({ target }) => target) });
    return Object.fromEntries(comparedFigures[task].map((name) => [name, metricValue(metrics, name)]));
  };
  return {
    constant: { says: constant.says, figures: measure(val.map(() => constant.logits)) },
    tfIdf: { trainedOn: train.length, figures: measure(logits) },
  };
}

/** Labels, or values, that need a model of their own: two labels of which one is right are one question. */
const asked: { readonly [T in Task]: (labels: readonly string[]) => readonly number[] } = {
  'single-label': (labels) => (labels.length === 2 ? [1] : [...labels.keys()]),
  'multi-label': (labels) => [...labels.keys()],
  regression: (labels) => [...labels.keys()],
};

type Predict = (rows: SparseRows, row: number) => number;

const separate = (rows: SparseRows, targets: readonly number[]): Predict => {
  const model = trainLinearSvm(rows, tfIdfColumns, targets.map((value) => value >= 0.5), { balanced: true }); // biome-ignore format: short
  return (given, row) => score(model, given, row);
};

/** One label, or one value, by itself. */
const fits: { readonly [T in Task]: (rows: SparseRows, targets: readonly number[]) => Predict } = {
  'single-label': separate,
  'multi-label': separate,
  regression: (rows, targets) => {
    const centre = mean(targets) ?? 0;
    const spread = Math.sqrt(mean(targets.map((value) => (value - centre) ** 2)) ?? 0) || 1;
    const model = trainRidge(
      rows,
      tfIdfColumns,
      targets.map((value) => (value - centre) / spread),
    );
    return (given, row) => centre + spread * score(model, given, row);
  },
};

type Constant = { readonly says: string; readonly logits: readonly number[] };

const constants: { readonly [T in Task]: (labels: readonly string[], train: readonly Example[]) => Constant } = {
  'single-label': (labels, train) => {
    const most = indexOfLargest(labels.map((_, of) => train.filter((example) => labelOf(example) === of).length));
    return { says: `“${labels[most]}”`, logits: labels.map((_, of) => (of === most ? 1 : 0)) };
  },
  'multi-label': (labels, train) => {
    const common = labels.map((_, of) => train.filter(({ target }) => target[of]! >= 0.5).length > train.length / 2);
    const said = labels.filter((_, of) => common[of]).map((label) => `“${label}”`);
    return { says: said.length > 0 ? said.join(' and ') : 'no label', logits: common.map((is) => (is ? 1 : -1)) };
  },
  regression: (labels, train) => {
    const means = labels.map((_, of) => mean(train.map(({ target }) => target[of]!)) ?? 0);
    return { says: `the mean, ${means.map((value) => Number(value.toPrecision(4))).join(' and ')}`, logits: means };
  },
};
