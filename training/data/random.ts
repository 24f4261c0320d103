/** @file Random numbers from seeds: the same numbers on every machine, for as long as this file stays as it is. */

export type Random = {
  /** Uniform in [0, 1), 32 bits. */
  next(): number;
  /** A whole number in [0, limit). */
  below(limit: number): number;
  /** A shuffled copy (Fisher and Yates). */
  shuffle<T>(values: readonly T[]): T[];
};

/** xoshiro128** (Blackman and Vigna, 2018), its state filled by splitmix32 from the seeds one after another.
 *  Two numbers, such as a run's seed and an epoch, give streams that have nothing to do with each other. */
export function createRandom(...seeds: readonly number[]): Random {
  let state = 0x9e3779b9;
  const splitmix = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return z ^ (z >>> 16);
  };
  for (const seed of seeds) state = splitmix() ^ Math.trunc(seed) ^ Math.trunc(seed / 2 ** 32);
  const s = Int32Array.of(splitmix(), splitmix(), splitmix(), splitmix() | 1); // never all zero

  const next = (): number => {
    const scrambled = Math.imul(rotate(Math.imul(s[1]!, 5), 7), 9);
    const shifted = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= shifted;
    s[3] = rotate(s[3]!, 11);
    return (scrambled >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    shuffle(values) {
      const shuffled = [...values];
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
      }
      return shuffled;
    },
  };
}

function rotate(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by));
}
