/** @file The loss that temperatures are fitted by, in double precision. */
import type { Task } from '../data/example.js';

export type Rows = readonly ArrayLike<number>[];

/** Mean negative log-likelihood of the targets; multi-label: the mean over examples and labels. `null` for a regression, and of no example.
 *  Never infinite for finite logits: it is taken from the logits, not from rounded scores.
 *  @param logits `[examples][labels]`
 *  @param targets `[examples][labels]`, 0 or 1 */
export function logLoss(task: Task, temperature: number, logits: Rows, targets: Rows): number | null {
  const rule = losses[task];
  if (!rule || logits.length === 0) return null;
  let sum = 0;
  logits.forEach((row, i) => {
    sum += rule(row, targets[i]!, 1 / temperature);
  });
  return sum / logits.length;
}

type Loss = (logits: ArrayLike<number>, target: ArrayLike<number>, scale: number) => number;

/** The loss of one example, by task. */
const losses: { readonly [T in Task]: Loss | undefined } = {
  // log Σ exp(z) - Σ target · z, with the largest z taken out
  'single-label': (logits, target, scale) => {
    let top = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < logits.length; i++) top = Math.max(top, logits[i]! * scale);
    let sum = 0;
    let right = 0;
    for (let i = 0; i < logits.length; i++) {
      sum += Math.exp(logits[i]! * scale - top);
      if (target[i]! > 0) right += target[i]! * logits[i]! * scale;
    }
    return Math.log(sum) + top - right;
  },
  // softplus(-z) for what is right, softplus(z) for what is not
  'multi-label': (logits, target, scale) => {
    let sum = 0;
    for (let i = 0; i < logits.length; i++) sum += softplus((target[i]! >= 0.5 ? -1 : 1) * logits[i]! * scale);
    return sum / logits.length;
  },
  regression: undefined,
};

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
