/** @file Features like those of real texts, that are nobody's: what a head is held to while a person corrects it. */
import { createRandom, type Random } from '../../training/index.js';

export type DrawOptions = {
  /** How many are drawn. */
  readonly rows: number;
  readonly seed: number;
};

/** What a text is answered with, and how surely: any number that is the larger, the surer. */
export type Answered = { readonly answer: string; readonly sureness: number };

/** A group of fewer has no likeness of its own: one row of it would be one text. */
const smallest = 20;
/** Into which the texts of an answer are cut, from the least sure to the surest: those near the border are what corrections move first. */
const bands = 8;

/**
 * Draws from the normal distribution of each group of texts that are answered alike and about as surely: its mean, and a random mixture of what
 * all of its texts differ from it by, which has their covariance and needs no decomposition. A row holds something of every text of its
 * group, and no single one can be read from it.
 *
 *     features  [texts][width]
 *     answered  [texts]
 *     returns   [rows, width], groups by their share of the texts
 */
export function drawOrdinary(features: readonly Float32Array[], answered: readonly Answered[], { rows, seed }: DrawOptions): Float32Array {
  const width = features[0]!.length;
  const drawn = new Float32Array(rows * width);
  const groups = groupsOf(features, answered);
  const random = createRandom(seed);
  const texts = groups.reduce((sum, { length }) => sum + length, 0);
  let [at, seen] = [0, 0];
  for (const group of groups) {
    seen += group.length;
    const mean = meanOf(group, width);
    for (const end = Math.round((rows * seen) / texts); at < end; at++) drawn.set(mixture(group, mean, random), at * width);
  }
  return drawn;
}

/** Answers in the order of their names, those that are large enough, each in bands; all texts as one where no answer is. */
function groupsOf(features: readonly Float32Array[], answered: readonly Answered[]): readonly (readonly Float32Array[])[] {
  const byAnswer = new Map<string, { readonly row: Float32Array; readonly sureness: number }[]>();
  for (const [i, { answer, sureness }] of answered.entries()) {
    const text = { row: features[i]!, sureness };
    const group = byAnswer.get(answer);
    if (group) group.push(text);
    else byAnswer.set(answer, [text]);
  }
  const large = [...byAnswer].sort(([a], [b]) => (a < b ? -1 : 1)).filter(([, group]) => group.length >= smallest);
  if (large.length === 0) return [features];
  return large.flatMap(([, group]) => {
    const sorted = group.sort((a, b) => a.sureness - b.sureness).map(({ row }) => row);
    const count = Math.min(bands, Math.floor(sorted.length / smallest));
    return Array.from({ length: count }, (_, i) => sorted.slice((i * sorted.length) / count, ((i + 1) * sorted.length) / count));
  });
}

function meanOf(group: readonly Float32Array[], width: number): Float64Array {
  const mean = new Float64Array(width);
  for (const row of group) for (let i = 0; i < width; i++) mean[i]! += row[i]! / group.length;
  return mean;
}

/** mean + Σ z·(row - mean) / √n, with z standard normal. */
function mixture(group: readonly Float32Array[], mean: Float64Array, random: Random): Float64Array {
  const mixed = mean.slice();
  for (const row of group) {
    const share = normal(random) / Math.sqrt(group.length);
    for (let i = 0; i < mixed.length; i++) mixed[i]! += share * (row[i]! - mean[i]!);
  }
  return mixed;
}

/** Box and Muller. */
const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
