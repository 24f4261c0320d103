/** @file Logits to a verdict: activation, temperature, thresholds. The one place where it is done, for server, browser and evaluation. */
import type { Manifest, Policy } from './manifest.js';

export type Decision = 'publish' | 'review' | 'block';

/** What decided. */
export type Rule =
  | { readonly kind: 'none' }
  /** The score (of a regression: the value) of `label` is at or above `threshold`. */
  | { readonly kind: 'threshold'; readonly label: string; readonly threshold: number }
  /** `word`, as it stands in the list of that name, is in the text. */
  | { readonly kind: 'word'; readonly list: string; readonly word: string }
  /** `label` would have held the text, but for a word of a list whose words may overrule the model. */
  | { readonly kind: 'allowed'; readonly list: string; readonly word: string; readonly label: string; readonly threshold: number };

/** What is decided about a text, and why. */
export type Ruling = {
  readonly decision: Decision;
  /** The threshold that decided; for a published text, the one that its likeliest held label did not reach; `null` without a policy. */
  readonly threshold: number | null;
  /** The label whose threshold was reached; `null` for a published text, and where a word decided. */
  readonly decidedBy: string | null;
  readonly rule: Rule;
};

type EveryVerdict = Ruling & {
  /** Where a policy only watches: what it would have decided; `decision` is `publish` then. */
  readonly observed?: Decision;
  /** The policy that decided, as NAME@VERSION or NAME/VARIANT@VERSION; absent where it is the bundle's own. */
  readonly policy?: string;
  readonly model: string;
  readonly version: string;
  /** Present and true when the text was too long and its end was not read. */
  readonly truncated?: true;
};

export type LabelVerdict = EveryVerdict & {
  /** The label with the highest score. */
  readonly label: string;
  /** The score of that label. */
  readonly score: number;
  /** Multi-label: all labels whose score reaches their threshold, the highest score first; may be none. Absent where one label is the answer. */
  readonly labels?: readonly string[];
  readonly scores: Readonly<Record<string, number>>;
};

/** Of a regression. Its bundle holds nothing back: what is too much a policy file says. */
export type ValueVerdict = EveryVerdict & {
  /** Where the model gives one value only, that value. */
  readonly value?: number;
  readonly values: Readonly<Record<string, number>>;
};

export type Verdict = LabelVerdict | ValueVerdict;

/** What turns logits into a verdict. */
export type VerdictRules = Pick<Manifest, 'name' | 'version' | 'labels' | 'activation' | 'temperature' | 'policy' | 'thresholds'>;

/** @param logits one value a label, in the order of `rules.labels` */
export function toVerdict(rules: VerdictRules, logits: ArrayLike<number>, truncated = false): Verdict {
  const scores = activate(rules.activation, rules.temperature, logits);
  return {
    ...answers[rules.activation](rules, scores),
    model: rules.name,
    version: rules.version,
    ...(truncated ? { truncated: true } : {}),
  };
}

/** Logits to scores in 0..1 (for `none`: unchanged). Softmax subtracts the largest logit, so no finite logit overflows. */
export function activate(activation: Manifest['activation'], temperature: number, logits: ArrayLike<number>): readonly number[] {
  const scaled = Array.from(logits, (logit) => logit / temperature);
  return activations[activation](scaled);
}

const activations: { readonly [A in Manifest['activation']]: (logits: readonly number[]) => readonly number[] } = {
  softmax: (logits) => {
    const top = Math.max(...logits);
    const powers = logits.map((logit) => Math.exp(logit - top));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / sum);
  },
  sigmoid: (logits) => logits.map((logit) => (logit >= 0 ? 1 / (1 + Math.exp(-logit)) : Math.exp(logit) / (1 + Math.exp(logit)))),
  none: (logits) => logits,
};

type Answer = Omit<LabelVerdict, 'model' | 'version'> | Omit<ValueVerdict, 'model' | 'version'>;

const answers: { readonly [A in Manifest['activation']]: (rules: VerdictRules, scores: readonly number[]) => Answer } = {
  softmax: bestLabel,
  sigmoid: (rules, scores) => ({ ...bestLabel(rules, scores), labels: labelsGiven(rules, scores) }),
  none: ({ labels, policy }, values) => {
    const named = byLabel(labels, values);
    return { ...(values.length === 1 ? { value: values[0]! } : {}), values: named, ...decideByThresholds(policy.labels, named) };
  },
};

function bestLabel(rules: VerdictRules, values: readonly number[]): Omit<LabelVerdict, 'model' | 'version'> {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  const scores = byLabel(rules.labels, values);
  return { label: rules.labels[best]!, score: values[best]!, scores, ...decideByThresholds(rules.policy.labels, scores) };
}

/** Labels whose score reaches their threshold, the highest score first: what a multi-label model says. */
export function labelsGiven({ labels, thresholds = {} }: Pick<VerdictRules, 'labels' | 'thresholds'>, scores: readonly number[]): string[] {
  return labels
    .map((label, i) => ({ label, score: scores[i]! }))
    .filter(({ label, score }) => score >= (thresholds[label] ?? 0.5))
    .sort((a, b) => b.score - a.score)
    .map(({ label }) => label);
}

function byLabel(labels: readonly string[], values: readonly number[]): Record<string, number> {
  return Object.fromEntries(labels.map((label, i) => [label, values[i]!]));
}

/**
 * The severest decision any label reaches; among equals, the label with the highest score.
 *
 * @param scores by label; of a regression its values
 */
export function decideByThresholds(thresholds: Policy['labels'], scores: Readonly<Record<string, number>>): Ruling {
  const scoreOf = (label: string): number => scores[label] ?? Number.NEGATIVE_INFINITY;
  for (const decision of ['block', 'review'] as const) {
    const reached = Object.entries(thresholds)
      .filter(([label, rule]) => rule[decision] !== null && scoreOf(label) >= rule[decision])
      .sort(([a], [b]) => scoreOf(b) - scoreOf(a));
    const [first] = reached;
    if (first) {
      const [label, threshold] = [first[0], first[1][decision]!];
      return { decision, threshold, decidedBy: label, rule: { kind: 'threshold', label, threshold } };
    }
  }
  return { decision: 'publish', threshold: nearestReview(thresholds, scoreOf), decidedBy: null, rule: { kind: 'none' } };
}

/** For a published text: the review threshold of the policy label that scored highest, so that an answer always names what it was held to. */
function nearestReview(thresholds: Policy['labels'], scoreOf: (label: string) => number): number | null {
  const [first] = Object.entries(thresholds).sort(([a], [b]) => scoreOf(b) - scoreOf(a));
  return first ? (first[1].review ?? first[1].block) : null;
}
