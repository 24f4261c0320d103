/** @file From logits to probabilities. */

/** x - log Σ exp x: the log-probability of each token. */
export function logSoftmax(logits: Float32Array): Float64Array {
  let top = Number.NEGATIVE_INFINITY;
  for (const x of logits) top = Math.max(top, x);
  let sum = 0;
  for (const x of logits) sum += Math.exp(x - top);
  const shift = top + Math.log(sum);
  return Float64Array.from(logits, (x) => x - shift);
}

export type Candidate = { readonly id: number; readonly probability: number };

/** The `count` likeliest tokens, the likeliest first; of equals the lower id. */
export function topCandidates(logits: Float32Array, count: number): Candidate[] {
  const logProbabilities = logSoftmax(logits);
  return largest(logProbabilities, count).map((id) => ({ id, probability: Math.exp(logProbabilities[id]!) }));
}

/** Where the `count` largest values are, the largest first; of equals the first. */
export function largest(values: Float64Array, count: number): number[] {
  const kept: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (kept.length === count && value <= values[kept.at(-1)!]!) continue;
    let place = kept.length;
    while (place > 0 && value > values[kept[place - 1]!]!) place -= 1;
    kept.splice(place, 0, i);
    if (kept.length > count) kept.pop();
  }
  return kept;
}
