import type { Rows } from './log-loss.js';

/** Answers and the truth, as every task measures them. */
export type MetricsInput = {
  readonly labels: readonly string[];
  /** Logits are divided by it; 1 in a regression. */
  readonly temperature: number;
  /** `[examples][labels]` */
  readonly logits: Rows;
  /** `[examples][labels]`: 1 for the label and 0 for the others, 0 or 1 for each, or the values of a regression. */
  readonly targets: readonly (readonly number[])[];
  /** Score from which a label is given, in multi-label; default .5. */
  readonly thresholds?: Readonly<Record<string, number>> | undefined;
};
