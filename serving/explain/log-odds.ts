import type { VerdictRules } from '../../models/index.js';

type Rules = Pick<VerdictRules, 'labels' | 'activation' | 'temperature'>;

/**
 * How strongly a model speaks for one label, on a scale without ends. Not the score: near 0 and 1 it hardly moves, whatever is taken
 * away. Not the logit: softmax looks at differences only, so all logits can fall together and change nothing.
 *
 *     softmax   log(p / (1 - p)) = z_k - log Σ_{j≠k} exp z_j      z = logits / temperature
 *     sigmoid   log(p / (1 - p)) = z_k
 *     none      the value itself
 *
 * @returns what gives it for logits `[labels]`
 */
export function strengthOf({ labels, activation, temperature }: Rules, label: string): (logits: ArrayLike<number>) => number {
  const at = labels.indexOf(label);
  return (logits) => strengths[activation](Array.from(logits, (logit) => logit / temperature), at); // biome-ignore format: short
}

const strengths: { readonly [A in Rules['activation']]: (scaled: readonly number[], at: number) => number } = {
  softmax: (scaled, at) => {
    const others = scaled.filter((_, i) => i !== at);
    if (others.length === 0) return 0; // one label is always certain
    const top = Math.max(...others);
    return scaled[at]! - top - Math.log(others.reduce((sum, z) => sum + Math.exp(z - top), 0));
  },
  sigmoid: (scaled, at) => scaled[at]!,
  none: (scaled, at) => scaled[at]!,
};
