/** @file Knowledge distillation (Hinton et al. 2015): a small model learns to say what a large one says. */
import { z } from 'zod';
import { add, div, exp, type GraphBuilder, mul, reduceMean, reduceSum, sub, type Value } from '../../models/index.js';
import type { Task } from '../data/dataset.js';
import { logSigmoids, logSoftmax } from './log-probabilities.js';
import { meanSquaredError } from './mean-squared-error.js';

export const distillationSchema = z.strictObject({
  /** Of the teacher's word; the labels' own has one minus it. */
  weight: z.number().gt(0).max(1).default(0.5),
  /** Both models' logits are divided by it: the higher, the more the unlikely labels count. */
  temperature: z.number().positive().default(2),
  /** Of the distance between the features of both, the student's projected to the teacher's width; 0: logits alone. */
  features: z.number().min(0).default(0),
});

/** Logits of both, [batch, labels] each. The teacher's are fed, so they have no gradient. */
export type TeacherAndStudent = { readonly student: Value; readonly teacher: Value };
type Divergence = (g: GraphBuilder, both: TeacherAndStudent, temperature: number) => Value;

const divergences: { readonly [T in Task]: Divergence } = {
  'single-label': (g, { student, teacher }, temperature) => {
    const [s, t] = [student, teacher].map((logits) => logSoftmax(g, div(g, logits, temperature))) as [Value, Value];
    return meanOfSums(g, weighed(g, t, s), temperature);
  },
  'multi-label': (g, { student, teacher }, temperature) => {
    const [s, t] = [student, teacher].map((logits) => logSigmoids(g, div(g, logits, temperature)));
    return meanOfSums(g, add(g, weighed(g, t!.yes, s!.yes), weighed(g, t!.no, s!.no)), temperature);
  },
  // A value has no temperature.
  regression: (g, { student, teacher }) => meanSquaredError(g, { logits: student, target: teacher }),
};

/** exp(t)·(t - s), from logarithms of probabilities. */
const weighed = (g: GraphBuilder, t: Value, s: Value): Value => mul(g, exp(g, t), sub(g, t, s));

/** T², by which the gradient is as large as at temperature 1, times the mean over texts of the sum over labels. */
const meanOfSums = (g: GraphBuilder, each: Value, temperature: number): Value =>
  mul(g, reduceMean(g, reduceSum(g, each, { axes: [1] }), { axes: [0] }), temperature ** 2);

/**
 * T²·KL(teacher ‖ student) of both at temperature T, mean over the texts: of the distributions for single labels, summed over the labels for
 * several; the mean squared difference for a regression.
 *
 *     student, teacher  [batch, labels]
 *     returns           []
 */
export const distillation = (
  g: GraphBuilder,
  both: TeacherAndStudent,
  task: Task,
  { temperature }: { readonly temperature: number },
): Value => divergences[task](g, both, temperature);
