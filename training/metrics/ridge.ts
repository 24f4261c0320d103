/** @file Linear least squares with an L2 penalty. */
import { createRandom } from '../data/random.js';
import { addRow, type LinearModel, type LinearSvmOptions, score, squaredLength } from './linear-svm.js';
import type { SparseRows } from './tf-idf.js';

/** Minimises `|values - X·w|² + penalty·|w|²`, the bias penalised with the rest, by dual coordinate descent: with w = Σ dualᵢ·xᵢ each dual has
 *  its optimum at (valueᵢ - w·xᵢ without its own part) / (|xᵢ|² + penalty).
 *  @param options `penalty` 1 by default; `tolerance` in units of `values` */
export function trainRidge(
  rows: SparseRows,
  columnCount: number,
  values: readonly number[],
  { penalty = 1, tolerance = 1e-3, passes = 100 }: Omit<LinearSvmOptions, 'balanced'> = {},
): LinearModel {
  const weights = new Float64Array(columnCount + 1);
  const duals = new Float64Array(values.length);
  const curvature = values.map((_, row) => squaredLength(rows, row) + penalty);
  const random = createRandom(1);
  let order = values.map((_, row) => row);
  for (let pass = 0; pass < passes; pass++) {
    order = random.shuffle(order);
    let worst = 0;
    for (const row of order) {
      const residual = values[row]! - score(weights, rows, row) - penalty * duals[row]!;
      worst = Math.max(worst, Math.abs(residual));
      const step = residual / curvature[row]!;
      duals[row]! += step;
      addRow(weights, rows, row, step);
    }
    if (worst < tolerance) break;
  }
  return weights;
}
