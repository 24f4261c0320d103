/** @file What can be told without a model: each token as often as it comes in train. */
export type Guess = { readonly loss: number; readonly accuracy: number };

/** Loss and accuracy on `wanted` of one who knows nothing but how often each token is in `train`; one is added to each count. */
export function frequencyGuess(
  train: readonly (readonly number[])[],
  wanted: readonly (readonly number[])[],
  vocabularySize: number,
): Guess {
  const counts = new Float64Array(vocabularySize).fill(1);
  for (const ids of train) for (const id of ids) counts[id]! += 1;
  const total = counts.reduce((a, b) => a + b, 0);
  const likeliest = counts.indexOf(Math.max(...counts));
  const all = wanted.flat();
  const surprise = all.reduce((sum, id) => sum - Math.log(counts[id]! / total), 0);
  return { loss: surprise / all.length, accuracy: all.filter((id) => id === likeliest).length / all.length };
}
