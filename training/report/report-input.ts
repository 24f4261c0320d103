/** @file What a training report is made of. */
import type { DataWarning } from '../data/data-warnings.js';
import type { Task } from '../data/example.js';
import type { Baselines } from '../metrics/baselines.js';
import type { FittedRules } from '../metrics/fit-rules.js';
import type { Metrics } from '../metrics/metrics.js';

/** One line of the log: an update. */
export type StepEntry = {
  readonly step: number;
  /** With its fraction: 1.5 is the middle of the second epoch. */
  readonly epoch: number;
  readonly loss: number;
  /** What the loss is the sum of, by name, where it is a sum. */
  readonly parts?: Readonly<Record<string, number>>;
  readonly learningRate: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  readonly examplesPerSecond: number;
};

/** Measured on val with the averaged weights after `step` updates. */
export type EvaluationEntry = { readonly step: number; readonly metrics: Metrics };

export type SplitSummary = {
  readonly examples: number;
  readonly byLabel: Readonly<Record<string, number>>;
  /** Examples whose end was cut off to fit the model; `null` where nobody counted. */
  readonly truncated: number | null;
};

/** With the rules that were fitted on val: temperature, policy, thresholds. */
export type ReportInput = FittedRules & {
  /** The name of the run. */
  readonly title: string;
  /** When it ended, as it should be printed. */
  readonly created: string;
  readonly task: Task;
  /** Of a regression, the names of its values. */
  readonly labels: readonly string[];
  /** Why these labels hold a text back. */
  readonly holdReason?: string;
  readonly steps: readonly StepEntry[];
  readonly evaluations: readonly EvaluationEntry[];
  /** The step whose weights were kept. */
  readonly bestStep: number;
  /** Why training ended, as a sentence. */
  readonly ended?: string;
  /** The answers of the kept weights on val; `logits` and `targets` are `[examples][labels]`. */
  readonly val: {
    readonly texts: readonly { readonly text: string; readonly pair?: string }[];
    readonly targets: readonly (readonly number[])[];
    readonly logits: readonly ArrayLike<number>[];
  };
  readonly baselines: Baselines | null;
  readonly data: {
    readonly splits: Readonly<Record<string, SplitSummary>>;
    readonly warnings: readonly DataWarning[];
    readonly fingerprint: Readonly<Record<string, string>>;
  };
  /** The config as resolved. */
  readonly config: unknown;
};

/** `[examples][labels]`, after temperature and activation. */
export type Scores = readonly (readonly number[])[];
