/** @file Which sizes a cost curve goes through, and what is said of each. */
import type { MeasuredPoint } from './curve-point.js';
import { type Limits, leastMs, type StepSize, stepFlops } from './step-cost.js';

export type CurvePoint = MeasuredPoint & {
  readonly axis: keyof StepSize;
  readonly size: StepSize;
  /** With products and memory at the machine's limits, and all else free. */
  readonly leastMs: number;
  /** 10^9 operations a second in products. */
  readonly gflops: number;
  /** Share of the rate of the best product, 0 to 1. */
  readonly ofLimit: number;
};

export type CurvePlan = { readonly base: StepSize; readonly values: Readonly<Record<keyof StepSize, readonly number[]>> };

export const wholePlan: CurvePlan = {
  base: { layers: 4, width: 256, batch: 16, tokens: 64 },
  values: {
    width: [64, 128, 192, 256, 384, 576, 768],
    layers: [1, 2, 4, 6, 8, 12],
    tokens: [8, 16, 32, 64, 128, 256, 512],
    batch: [1, 2, 4, 8, 16, 32, 64],
  },
};
export const quickPlan: CurvePlan = {
  base: { layers: 1, width: 32, batch: 2, tokens: 8 },
  values: { width: [32, 64], layers: [], tokens: [8, 16], batch: [] },
};

/** One size for each value on each axis, all else as in the base. */
export const sizesOf = ({ base, values }: CurvePlan): readonly Pick<CurvePoint, 'axis' | 'size'>[] =>
  (Object.keys(values) as (keyof StepSize)[]).flatMap((axis) => values[axis].map((value) => ({ axis, size: { ...base, [axis]: value } })));

export function pointOf(at: Pick<CurvePoint, 'axis' | 'size'>, measured: MeasuredPoint, limits: Limits): CurvePoint {
  const gflops = stepFlops(at.size) / measured.ms / 1e6;
  return { ...at, ...measured, leastMs: leastMs(at.size, measured.parameters, limits), gflops, ofLimit: gflops / limits.gflops };
}
