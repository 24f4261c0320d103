/** @file The yardstick: what word counts with a linear classifier make of a data set. */
import { computeBaselines } from '../metrics/baselines.js';
import { truthOf } from './learnable.js';
import type { Score } from './one-rule.js';
import type { AuditRecord } from './records.js';

/** Learns from `train`, answers `held`. Of many texts a sample is learned from: it is a yardstick, and speed counts. */
export async function measureWords(
  train: readonly AuditRecord[],
  held: readonly AuditRecord[],
  labels: readonly string[],
): Promise<Score & { readonly trainedOn: number }> {
  const splits = { train: examplesOf(train, labels), val: examplesOf(held, labels) };
  // Two labels are one question; more are a question each.
  const limit = Math.round(20_000 / Math.max(2, labels.length));
  const { tfIdf } = await computeBaselines({ task: 'single-label', labels, splits }, limit);
  const { macroF1, accuracy } = tfIdf.figures;
  return { macroF1: macroF1 ?? 0, accuracy: accuracy ?? 0, trainedOn: tfIdf.trainedOn };
}

function examplesOf(records: readonly AuditRecord[], labels: readonly string[]) {
  const truth = truthOf(records, labels);
  return records.map(({ text, pair }, i) => ({
    text,
    ...(pair === undefined ? {} : { pair }),
    target: labels.map((_, of) => (of === truth[i] ? 1 : 0)),
  }));
}
