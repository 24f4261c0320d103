/** @file Logits to a verdict: activation, temperature, thresholds. The one place where it is done, for server, browser and evaluation. */
import type { Manifest } from './manifest.js';

export type Decision = 'publish' | 'review' | 'block';

type EveryVerdict = {
  readonly decision: Decision;
  /** The threshold that decided; for a published text, the one that its likeliest held label did not reach; `null` without a policy. */
  readonly threshold: number | null;
  /** The label whose threshold was reached; `null` for a published text. */
  readonly decidedBy: string | null;
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

/** Of a regression. It holds nothing back: `decision` is `publish`. */
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
  none: ({ labels }, values) => ({
    ...(values.length === 1 ? { value: values[0]! } : {}),
    values: byLabel(labels, values),
    decision: 'publish',
    threshold: null,
    decidedBy: null,
  }),
};

function bestLabel(rules: VerdictRules, values: readonly number[]): Omit<LabelVerdict, 'model' | 'version'> {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  const scores = byLabel(rules.labels, values);
  return { label: rules.labels[best]!, score: values[best]!, scores, ...decide(rules, scores) };
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

/** The severest decision any label reaches; among equals, the label with the highest score. */
function decide(
  { policy }: VerdictRules,
  scores: Readonly<Record<string, number>>,
): Pick<EveryVerdict, 'decision' | 'threshold' | 'decidedBy'> {
  for (const decision of ['block', 'review'] as const) {
    const reached = Object.entries(policy.labels)
      .filter(([label, rule]) => rule[decision] !== null && (scores[label] ?? -1) >= rule[decision])
      .sort(([a], [b]) => scores[b]! - scores[a]!);
    const [first] = reached;
    if (first) return { decision, threshold: first[1][decision], decidedBy: first[0] };
  }
  return { decision: 'publish', threshold: nearestReview(policy, scores), decidedBy: null };
}

/** For a published text: the review threshold of the policy label that scored highest, so that an answer always names what it was held to. */
function nearestReview(policy: Manifest['policy'], scores: Readonly<Record<string, number>>): number | null {
  const rules = Object.entries(policy.labels).sort(([a], [b]) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const [first] = rules;
  return first ? (first[1].review ?? first[1].block) : null;
}
