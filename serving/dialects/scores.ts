/** @file A verdict in the terms of services that know only names and numbers. */
import type { LabelVerdict, Verdict } from '../../models/index.js';
import type { ServedModel } from '../desk/index.js';
import { unsupported } from './parse-body.js';

/** By label, in the order of the model's labels; of a regression, its values. */
export function scoresOf(verdict: Verdict): Readonly<Record<string, number>> {
  return 'scores' in verdict ? verdict.scores : verdict.values;
}

/** The name with the highest score. */
export function topName(scores: Readonly<Record<string, number>>): string {
  return Object.entries(scores).reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

/** @throws ServiceError `unsupported` for a regression: what was asked for are probabilities of labels */
export function labelVerdicts(verdicts: readonly Verdict[], { key }: ServedModel): readonly LabelVerdict[] {
  return verdicts.map((verdict) => {
    if ('scores' in verdict) return verdict;
    throw unsupported(`the model ${key} gives values, not probabilities of labels`, 'ask it by POST /classify, or name another model');
  });
}

/** In the order of the model's labels, which an object does not keep for names that look like numbers. */
export function inOrder({ manifest }: ServedModel, scores: Readonly<Record<string, number>>): readonly number[] {
  return manifest.labels.map((label) => scores[label]!);
}

/** One row of the model's raw output, by label. */
export function logitsOf({ manifest }: ServedModel, row: ArrayLike<number>): Readonly<Record<string, number>> {
  return Object.fromEntries(manifest.labels.map((label, i) => [label, row[i]!]));
}
