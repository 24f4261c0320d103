/** @file What turns logits into verdicts, fitted on val: activation, temperature, thresholds. */
import { activate, type Manifest } from '../../models/index.js';
import type { Task } from '../data/example.js';
import { activationOf } from './activation-of.js';
import { fitTemperature } from './calibration.js';
import type { Rows } from './log-loss.js';
import { fitPolicy, fitThresholds, type PolicyWishes } from './policy.js';

export type FittedRules = Pick<Manifest, 'activation' | 'temperature' | 'policy' | 'thresholds'>;

export type RulesInput = PolicyWishes & {
  readonly task: Task;
  readonly labels: readonly string[];
  /** The labels that hold a text back. */
  readonly hold: readonly string[];
  /** `[examples][labels]`, both. */
  readonly logits: Rows;
  readonly targets: readonly (readonly number[])[];
};

type Fit = (input: RulesInput & { readonly scores: Rows }) => Pick<FittedRules, 'policy' | 'thresholds'>;

const fits: { readonly [T in Task]: Fit } = {
  'single-label': (input) => ({ policy: fitPolicy(input) }),
  'multi-label': (input) => ({ policy: fitPolicy(input), thresholds: fitThresholds(input.labels, input.scores, input.targets) }),
  // A value says nothing about whether a text may be published until somebody says what is too much.
  regression: () => ({ policy: { labels: {} } }),
};

export function fitRules(input: RulesInput): FittedRules {
  const { task, logits, targets } = input;
  const activation = activationOf(task);
  const temperature = fitTemperature(task, logits, targets);
  const scores = logits.map((row) => activate(activation, temperature, row));
  return { activation, temperature, ...fits[task]({ ...input, scores }) };
}
