/** @file Dynamic loss scaling (Micikevicius et al. 2018), for engines that compute in half precision: gradients are kept from rounding to zero. */

export type LossScale = {
  /** What the loss is multiplied by before the backward pass, and gradients are divided by after it. */
  readonly scale: number;
  /** Steps without an overflow since the scale last changed. */
  readonly good: number;
};

export const firstLossScale: LossScale = { scale: 2 ** 16, good: 0 };

const patience = 2000;
const smallest = 1;

/** The scale of the next step. One whose gradients overflowed is not applied. Powers of two, so scaling itself never rounds. */
export function nextLossScale({ scale, good }: LossScale, overflowed: boolean): LossScale {
  if (overflowed) return { scale: Math.max(smallest, scale / 2), good: 0 };
  return good + 1 < patience ? { scale, good: good + 1 } : { scale: scale * 2, good: 0 };
}
