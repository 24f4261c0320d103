/** @file What a training step of a BERT must do at least: products, and weights that go through memory. */

export type StepSize = { readonly layers: number; readonly width: number; readonly batch: number; readonly tokens: number };

/**
 * Floating-point operations of the products of one step: forward, and twice as many backward. Each layer has 4 products of width x width, 2 of
 * width x 4 width, and 2 of attention.
 */
export function stepFlops({ layers, width, batch, tokens }: StepSize): number {
  const perToken = 2 * (4 * width ** 2 + 2 * width * 4 * width) + 2 * 2 * tokens * width;
  return 3 * layers * batch * tokens * perToken;
}

/** Bytes that the update moves: weight, gradient, both moments and average are read, all but the gradient written. */
export const updateBytes = (parameters: number): number => 9 * 4 * parameters;

export type Limits = {
  /** 10^9 operations a second of the best matrix product that was measured. */
  readonly gflops: number;
  /** 10^9 bytes a second that go through memory, by all cores together. */
  readonly bandwidth: number;
};

/** Milliseconds that a step takes if every product runs at the rate of the best one, the update at that of memory, and all else is free. */
export const leastMs = (size: StepSize, parameters: number, { gflops, bandwidth }: Limits): number =>
  (stepFlops(size) / gflops + updateBytes(parameters) / bandwidth) / 1e6;
