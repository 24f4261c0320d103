/** @file The examples that a model gets most wrong: some are its mistakes, some are mistakes of whoever labelled them. */
import { activate } from '../../models/index.js';
import { jsonLine } from '../../models/rows/node.js';
import { labelOf, type Task } from '../data/example.js';
import { activationOf } from './activation-of.js';
import { indexOfLargest } from './confusion.js';
import { logLoss } from './log-loss.js';
import type { MetricsInput } from './metrics-input.js';
import { evenThreshold } from './multi-label.js';

export type HardExample = {
  /** Place in the split, in the order of its file, counted from 1. */
  readonly position: number;
  readonly text: string;
  readonly pair?: string;
  /** What the file says, and what the model says: labels, or `value=2.5` for the values of a regression. */
  readonly truth: readonly string[];
  readonly answer: readonly string[];
  /** How sure the model was of what it got most wrong, from 0 to 1; `null` in a regression. */
  readonly score: number | null;
  /** Log loss, or the squared error. */
  readonly loss: number;
};

export type HardExamplesInput = MetricsInput & {
  readonly task: Task;
  readonly examples: readonly { readonly text: string; readonly pair?: string }[];
  /** How many at most. Default 100. */
  readonly most?: number;
};

type Judge = (input: MetricsInput, at: number) => Omit<HardExample, 'position' | 'text' | 'pair'> & { readonly wrong: boolean };

/** The wrong answers with the highest loss, that is, those the model was surest of; of a regression, those that are furthest off. */
export function hardExamples({ task, examples, most = 100, ...input }: HardExamplesInput): HardExample[] {
  return examples
    .map(({ text, pair }, at) => ({ position: at + 1, text, ...(pair === undefined ? {} : { pair }), ...judges[task](input, at) }))
    .filter(({ wrong }) => wrong)
    .sort((a, b) => b.loss - a.loss || a.position - b.position)
    .slice(0, most)
    .map(({ wrong: _wrong, ...example }) => example);
}

/** One JSON object a line. */
export function toJsonLines(examples: readonly HardExample[]): string {
  return examples.map((example) => `${jsonLine(example)}\n`).join('');
}

const judges: { readonly [T in Task]: Judge } = {
  'single-label': (input, at) => {
    const { labels, temperature, logits, targets } = input;
    const scores = activate(activationOf('single-label'), temperature, logits[at]!);
    const [truth, answer] = [labelOf({ target: targets[at]! }), indexOfLargest(scores)];
    return {
      truth: [labels[truth]!],
      answer: [labels[answer]!],
      score: scores[answer]!,
      loss: lossOf('single-label', input, at),
      wrong: truth !== answer,
    };
  },
  'multi-label': (input, at) => {
    const { labels, temperature, logits, targets, thresholds = {} } = input;
    const scores = activate(activationOf('multi-label'), temperature, logits[at]!);
    const has = targets[at]!.map((value) => value >= 0.5);
    const given = labels.map((label, of) => scores[of]! >= (thresholds[label] ?? evenThreshold));
    const errors = scores.map((score, of) => (has[of] ? 1 - score : score));
    return {
      truth: labels.filter((_, of) => has[of]),
      answer: labels.filter((_, of) => given[of]),
      score: Math.max(...errors),
      loss: lossOf('multi-label', input, at),
      wrong: given.some((is, of) => is !== has[of]),
    };
  },
  regression: ({ labels, logits, targets }, at) => {
    const [target, said] = [targets[at]!, Array.from(logits[at]!)];
    const named = (values: readonly number[]) => labels.map((label, of) => `${label}=${Number(values[of]!.toPrecision(4))}`);
    const loss = target.reduce((sum, value, of) => sum + (value - said[of]!) ** 2, 0) / target.length;
    return { truth: named(target), answer: named(said), score: null, loss, wrong: loss > 0 };
  },
};

function lossOf(task: Task, { temperature, logits, targets }: MetricsInput, at: number): number {
  return logLoss(task, temperature, [logits[at]!], [targets[at]!])!;
}
