/** @file What examples count as when each side of a split shall have its share of them. */
import type { Example } from './example.js';

/** The names of an example's labels (`none` where it has none), or in a regression the part of all first values that its own is in: tenths, or
 *  fewer where parts would have less than twenty. */
export function targetStrata(examples: readonly Pick<Example, 'target'>[], labels?: readonly string[]): readonly (readonly string[])[] {
  if (examples.some(({ target }) => target.some((value) => value !== 0 && value !== 1)))
    return parts(examples.map(({ target }) => target[0]!));
  return examples.map(({ target }) => {
    const present = target.flatMap((value, label) => (value === 1 ? [labels?.[label] ?? String(label)] : []));
    return present.length > 0 ? present : ['none'];
  });
}

/** Which part of the sorted values each is in. Equal values are in one part. */
function parts(values: readonly number[]): readonly (readonly string[])[] {
  const count = Math.max(1, Math.min(10, Math.floor(values.length / 20)));
  const rank = new Map<number, number>();
  for (const [at, value] of [...values].sort((a, b) => a - b).entries()) if (!rank.has(value)) rank.set(value, at);
  return values.map((value) => [String(Math.floor((rank.get(value)! * count) / values.length))]);
}
