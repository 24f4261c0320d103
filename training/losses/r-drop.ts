/** @file R-Drop (Liang et al. 2021): two passes over the same texts, with unlike dropout, should say the same. */
import { z } from 'zod';
import { exp, type GraphBuilder, mul, reduceMean, reduceSum, sigmoid, sub, type Value } from '../../models/index.js';
import type { Task } from '../data/dataset.js';
import { logSoftmax } from './log-probabilities.js';
import { rowMean } from './row-mean.js';

export const rDropSchema = z.strictObject({
  /** The paper's alpha, of the divergence beside the mean loss of both passes. */
  weight: z.number().positive().default(1),
});

/** The logits of both passes, [batch, labels] each. */
export type TwoPasses = { readonly first: Value; readonly second: Value };

/** How far two passes are from each other, text by text: [batch]. */
const divergences: { readonly [T in Task]: (g: GraphBuilder, passes: TwoPasses) => Value } = {
  // (KL(p‖q) + KL(q‖p)) / 2 = Σ (p - q)·(log p - log q) / 2
  'single-label': (g, { first, second }) => {
    const [p, q] = [logSoftmax(g, first), logSoftmax(g, second)];
    return half(g, sub(g, exp(g, p), exp(g, q)), sub(g, p, q));
  },
  // The same for each label by itself, where log p/(1 - p) is the logit: Σ (p - q)·(first - second) / 2
  'multi-label': (g, { first, second }) => half(g, sub(g, sigmoid(g, first), sigmoid(g, second)), sub(g, first, second)),
  regression: (g, { first, second }) => {
    const difference = sub(g, first, second);
    return reduceMean(g, mul(g, difference, difference), { axes: [1] });
  },
};

const half = (g: GraphBuilder, a: Value, b: Value): Value => mul(g, reduceSum(g, mul(g, a, b), { axes: [1] }), 0.5);

/**
 * The symmetric divergence between two passes, mean over the texts: of the distributions for single labels, summed over the labels for
 * several, the squared difference for a regression. The gradient goes into both.
 *
 *     first, second  [batch, labels]
 *     mask           [batch], 0 or 1: rows that count; all without it
 *     returns        []
 */
export const rDrop = (g: GraphBuilder, passes: TwoPasses, task: Task, mask?: Value): Value =>
  rowMean(g, divergences[task](g, passes), mask);
