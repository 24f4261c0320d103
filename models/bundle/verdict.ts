/** @file Logits to a verdict: activation, temperature, thresholds. The one place where it is done, for server, browser and evaluation. */
import type { Manifest } from './manifest.js';

export type Decision = 'publish' | 'review' | 'block';

export type Verdict = {
  /** The label with the highest score. */
  readonly label: string;
  /** The score of that label. */
  readonly score: number;
  readonly scores: Readonly<Record<string, number>>;
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

type Rules = Pick<Manifest, 'name' | 'version' | 'labels' | 'activation' | 'temperature' | 'policy'>;

/** @param logits one value a label, in the order of `rules.labels` */
export function toVerdict(rules: Rules, logits: ArrayLike<number>, truncated = false): Verdict {
  const probabilities = activate(rules.activation, rules.temperature, logits);
  let best = 0;
  for (let i = 1; i < probabilities.length; i++) if (probabilities[i]! > probabilities[best]!) best = i;
  const scores: Record<string, number> = {};
  rules.labels.forEach((label, i) => {
    scores[label] = probabilities[i]!;
  });
  return {
    label: rules.labels[best]!,
    score: probabilities[best]!,
    scores,
    ...decide(rules, scores),
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

/** The severest decision any label reaches; among equals, the label with the highest score. */
function decide({ policy }: Rules, scores: Readonly<Record<string, number>>): Pick<Verdict, 'decision' | 'threshold' | 'decidedBy'> {
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
