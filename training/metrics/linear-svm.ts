/** @file A linear support vector machine, as LIBLINEAR trains it. */
import { createRandom } from '../data/random.js';
import type { SparseRows } from './tf-idf.js';

/** Weights of the columns, then the bias. */
export type LinearModel = Float64Array;

export type LinearSvmOptions = {
  /** C: what an error costs. Default 1. */
  readonly penalty?: number;
  /** Whether both classes weigh the same, however many examples each has. Default false. */
  readonly balanced?: boolean;
  /** Stop when no example asks for more change than this. Default .01. */
  readonly tolerance?: number;
  /** Most passes over the examples. Default 50. */
  readonly passes?: number;
};

/** L2-regularised squared hinge loss by dual coordinate descent (Hsieh et al. 2008, algorithm 1, without shrinking): a pass visits the
 *  examples in random order and solves each one's dual variable exactly.
 *  @param positive which rows belong to the class */
export function trainLinearSvm(
  rows: SparseRows,
  columnCount: number,
  positive: readonly boolean[],
  options: LinearSvmOptions = {},
): LinearModel {
  const { penalty = 1, balanced = false, tolerance = 0.01, passes = 50 } = options;
  const weights = new Float64Array(columnCount + 1);
  const duals = new Float64Array(positive.length);
  const members = positive.filter(Boolean).length;
  const share = (size: number) => (balanced ? (2 * size) / positive.length : 1);
  const diagonals = { true: share(members) / (2 * penalty), false: share(positive.length - members) / (2 * penalty) };
  const curvature = positive.map((is, row) => squaredLength(rows, row) + diagonals[`${is}`]);
  const random = createRandom(1);
  let order = positive.map((_, row) => row);
  for (let pass = 0; pass < passes; pass++) {
    order = random.shuffle(order);
    let worst = 0;
    for (const row of order) {
      const sign = positive[row] ? 1 : -1;
      const dual = duals[row]!;
      const diagonal = diagonals[`${positive[row]!}`];
      const gradient = sign * score(weights, rows, row) - 1 + diagonal * dual;
      const projected = dual === 0 ? Math.min(gradient, 0) : gradient;
      worst = Math.max(worst, Math.abs(projected));
      if (projected === 0) continue;
      const next = Math.max(dual - gradient / curvature[row]!, 0);
      duals[row] = next;
      const step = (next - dual) * sign;
      addRow(weights, rows, row, step);
    }
    if (worst < tolerance) break;
  }
  return weights;
}

/** Of a row with its one for the bias. */
export function squaredLength(rows: SparseRows, row: number): number {
  let sum = 1;
  for (let i = rows.starts[row]!; i < rows.starts[row + 1]!; i++) sum += rows.values[i]! ** 2;
  return sum;
}

/** weights += step · (row, 1) */
export function addRow(weights: LinearModel, rows: SparseRows, row: number, step: number): void {
  for (let i = rows.starts[row]!; i < rows.starts[row + 1]!; i++) weights[rows.columns[i]!]! += step * rows.values[i]!;
  weights[weights.length - 1]! += step;
}

/** `weights · row + bias` */
export function score(weights: LinearModel, rows: SparseRows, row: number): number {
  let sum = weights[weights.length - 1]!;
  for (let i = rows.starts[row]!; i < rows.starts[row + 1]!; i++) sum += weights[rows.columns[i]!]! * rows.values[i]!;
  return sum;
}
