/** @file The loss that temperatures are fitted by, in double precision. */
import type { Manifest } from '../../models/index.js';

export type Activation = Manifest['activation'];

/** Mean negative log-likelihood of the truth; for sigmoid the mean over examples and labels. `null` without an activation.
 *  Never infinite for finite logits: it is taken from the logits, not from rounded scores. */
export function logLoss(
  activation: Activation,
  temperature: number,
  logits: readonly ArrayLike<number>[],
  truth: readonly number[],
): number | null {
  const rule = losses[activation];
  if (!rule) return null;
  let sum = 0;
  logits.forEach((row, i) => {
    sum += rule(row, truth[i]!, 1 / temperature);
  });
  return sum / logits.length;
}

type Loss = (logits: ArrayLike<number>, truth: number, scale: number) => number;

const losses: { readonly [A in Activation]: Loss | undefined } = {
  // log Σ exp(z) - z[truth], with the largest z taken out
  softmax: (logits, truth, scale) => {
    let top = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < logits.length; i++) top = Math.max(top, logits[i]! * scale);
    let sum = 0;
    for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! * scale - top);
    return Math.log(sum) + top - logits[truth]! * scale;
  },
  // softplus(-z) for the truth, softplus(z) for the others
  sigmoid: (logits, truth, scale) => {
    let sum = 0;
    for (let i = 0; i < logits.length; i++) sum += softplus((i === truth ? -1 : 1) * logits[i]! * scale);
    return sum / logits.length;
  },
  none: undefined,
};

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
