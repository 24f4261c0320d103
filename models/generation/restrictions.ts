/** @file Which tokens may follow, and with which weight. */
import type { SampleConfig } from './generation-config.js';
import { largest } from './probabilities.js';

/** Tokens that would repeat a run of `size` tokens of `sequence`; none for 0. */
export function repeatingTokens(sequence: readonly number[], size: number): ReadonlySet<number> {
  const banned = new Set<number>();
  if (size === 0) return banned;
  const last = sequence.slice(sequence.length - size + 1);
  for (let start = 0; start + size <= sequence.length; start++)
    if (last.every((token, i) => sequence[start + i] === token)) banned.add(sequence[start + size - 1]!);
  return banned;
}

/** `scores` with those of `banned` set to -∞. */
export function without(scores: Float64Array, banned: ReadonlySet<number>): Float64Array {
  if (banned.size === 0) return scores;
  return scores.map((score, id) => (banned.has(id) ? Number.NEGATIVE_INFINITY : score));
}

/**
 * Probabilities to draw from: first the temperature, then the `topK` likeliest, then of these the fewest that together have `topP`.
 *
 * @param logProbabilities or logits, one a token; -∞ for what must not come
 * @returns one a token, their sum 1
 */
export function drawingProbabilities(
  logProbabilities: Float64Array,
  { temperature, topK, topP }: Pick<SampleConfig, 'temperature' | 'topK' | 'topP'>,
): Float64Array {
  const scores = logProbabilities.map((x) => x / temperature);
  const top = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const limit = topK > 0 && topK < scores.length ? scores[largest(scores, topK).at(-1)!]! : Number.NEGATIVE_INFINITY;
  const likely = normalised(scores.map((x) => (x < limit ? 0 : Math.exp(x - top))));
  if (topP === 1) return likely;
  let sum = 0;
  const nucleus = new Set<number>();
  for (const id of [...likely.keys()].sort((a, b) => likely[b]! - likely[a]! || a - b)) {
    if (sum >= topP) break;
    nucleus.add(id);
    sum += likely[id]!;
  }
  return normalised(likely.map((p, id) => (nucleus.has(id) ? p : 0)));
}

/** The token that `u`, uniform in [0, 1), falls on. */
export function drawn(probabilities: Float64Array, u: number): number {
  let sum = 0;
  let last = 0;
  for (const [id, p] of probabilities.entries()) {
    if (p === 0) continue;
    sum += p;
    last = id;
    if (sum > u) return id;
  }
  return last; // rounding left the sum a little below 1
}

function normalised(weights: Float64Array): Float64Array {
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((x) => x / sum);
}
