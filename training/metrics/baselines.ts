/** @file What a model must beat: always the most frequent label, and word counts with a linear classifier. */
import { setImmediate } from 'node:timers/promises';
import { type Dataset, type Example, labelOf } from '../data/dataset.js';
import { createRandom } from '../data/random.js';
import { confusionMatrix, indexOfLargest, labelMetrics } from './confusion.js';
import { score, trainLinearSvm } from './linear-svm.js';
import { fitTfIdf, tfIdfColumns } from './tf-idf.js';

export type Baseline = { readonly macroF1: number; readonly accuracy: number };
export type Baselines = {
  /** Always the most frequent label of train. */
  readonly majority: Baseline & { readonly label: string };
  /** TF-IDF of words and letters with a linear support vector machine, one label against the rest. */
  readonly tfIdf: Baseline & { readonly trainedOn: number };
};

/** On val. Deterministic. Lets other work run between labels.
 *  @param limit examples of train that are looked at, a random sample where there are more */
export async function computeBaselines({ labels, splits }: Pick<Dataset, 'labels' | 'splits'>, limit = 40_000): Promise<Baselines> {
  const { val } = splits;
  const train = splits.train.length > limit ? createRandom(1).shuffle(splits.train).slice(0, limit) : splits.train;
  const counts = labels.map((_, of) => splits.train.filter((example) => labelOf(example) === of).length);
  const most = indexOfLargest(counts);
  await setImmediate();
  const vectorize = fitTfIdf(train.map(textOf));
  await setImmediate();
  const trainRows = vectorize(train.map(textOf));
  const valRows = vectorize(val.map(textOf));
  const scores = val.map(() => new Array<number>(labels.length).fill(0));
  for (let label = 0; label < labels.length; label++) {
    // Two labels are one question.
    if (labels.length === 2 && label === 0) continue;
    await setImmediate();
    const positive = train.map((example) => labelOf(example) === label);
    const model = trainLinearSvm(trainRows, tfIdfColumns, positive);
    scores.forEach((row, i) => {
      row[label] = score(model, valRows, i);
    });
  }
  const measure = (answers: readonly number[]): Baseline => {
    const confusion = confusionMatrix(labels.length, val.map(labelOf), answers);
    const f1 = labels.flatMap((_, label) => labelMetrics(confusion, label).f1 ?? []);
    const right = labels.reduce((sum, _, label) => sum + confusion[label]![label]!, 0);
    return { macroF1: f1.reduce((a, b) => a + b, 0) / f1.length, accuracy: right / val.length };
  };
  return {
    majority: { ...measure(val.map(() => most)), label: labels[most]! },
    tfIdf: { ...measure(scores.map(indexOfLargest)), trainedOn: train.length },
  };
}

function textOf({ text, pair }: Example): string {
  return pair === undefined ? text : `${text}\n${pair}`;
}
