/** @file How scores are spread, in ten equal parts of 0..1: recorded on val when a bundle is made, watched while it is served. */

export const scoreBins = 10;

/** 0 to 9; a score of 1 belongs to the last. */
export const scoreBin = (score: number): number => Math.min(scoreBins - 1, Math.max(0, Math.floor(score * scoreBins)));

/**
 * @param rows  scores of texts, `[texts, labels]`
 * @returns by label, how many scores lie in each tenth
 */
export function countScores(labels: readonly string[], rows: readonly (readonly number[])[]): Record<string, number[]> {
  const counts = labels.map(() => new Array<number>(scoreBins).fill(0));
  for (const row of rows) for (const [label, score] of row.entries()) counts[label]![scoreBin(score)]! += 1;
  return Object.fromEntries(labels.map((label, i) => [label, counts[i]!]));
}
