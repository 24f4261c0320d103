/** @file Which points a cost curve of serving goes through, and what is known of each. */
import type { Precision } from '../../models/bundle/node.js';

export type ServeAt = {
  /** LAYERSxWIDTH. */
  readonly size: string;
  /** Of every text. */
  readonly tokens: number;
  readonly clients: number;
};

export type ServePoint = ServeAt & {
  readonly axis: keyof ServeAt;
  readonly precision: Precision;
  /** Medians of the runs; of the rate the quartiles too. */
  readonly textsPerSecond: number;
  readonly spread: readonly [number, number];
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of all runs. */
  readonly requests: number;
  /** The fastest way of ONNX Runtime with nothing around it, on the same texts in the same run. */
  readonly raw: { readonly way: string; readonly textsPerSecond: number };
};

export type ServePlan = { readonly base: ServeAt; readonly values: { readonly [A in keyof ServeAt]: readonly ServeAt[A][] } };

export const axes = ['clients', 'tokens', 'size'] as const satisfies readonly (keyof ServeAt)[];

export const wholePlan: ServePlan = {
  base: { size: '6x384', tokens: 32, clients: 32 },
  values: {
    clients: [1, 2, 4, 8, 16, 32, 64, 128],
    tokens: [8, 16, 32, 64, 128, 256],
    size: ['2x128', '4x256', '6x384', '12x768'],
  },
};
export const quickPlan: ServePlan = {
  base: { size: '1x32', tokens: 8, clients: 2 },
  values: { clients: [1, 2], tokens: [16], size: ['1x32'] },
};

/** One for each value on each axis, all else as in the base. */
export const pointsOf = (
  { base, values }: ServePlan,
  chosen: readonly (keyof ServeAt)[],
): readonly (ServeAt & Pick<ServePoint, 'axis'>)[] =>
  chosen.flatMap((axis) => values[axis].map((value) => ({ ...base, [axis]: value, axis })));

/** Millions of weights that every token is multiplied with: those of the layers, 12 squares of the width in each. Looking up a word costs nothing beside them. */
export function weightsOf(size: string): number {
  const [layers, width] = size.split('x').map(Number) as [number, number];
  return (12 * layers * width ** 2) / 1e6;
}
