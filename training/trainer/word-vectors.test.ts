import { expect, test } from 'vitest';
import type { Tensor } from '../../models/index.js';
import { createRandom } from '../data/random.js';
import { fittingWordVectors, principalComponents, wordVectorsOf } from './word-vectors.js';

/** Vectors of width 6 that lie in a plane, moved away from 0. */
function plane(entries: number): Tensor {
  const random = createRandom(1, 0);
  const [a, b] = [0, 1].map(() => Array.from({ length: 6 }, () => random.next() - 0.5));
  const data = Array.from({ length: entries }, () => [random.next(), random.next()]).flatMap(([s, t]) =>
    a!.map((x, i) => s! * x + t! * b![i]! + 3),
  );
  return { type: 'float32', dims: [entries, 6], data: Float32Array.from(data) };
}
const rowsOf = ({ dims, data }: Tensor) =>
  Array.from({ length: dims[0]! }, (_, i) => [...(data as Float32Array).slice(i * dims[1]!, (i + 1) * dims[1]!)]);
const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((x, i) => x - b[i]!));

test('principal components keep the distances that the vectors have along them, the largest first', () => {
  const given = plane(40);
  const [wide, flat] = [rowsOf(given), rowsOf(principalComponents(given, 2))];
  for (let i = 0; i < 40; i += 3)
    for (let j = 0; j < i; j++) expect(distance(flat[i]!, flat[j]!)).toBeCloseTo(distance(wide[i]!, wide[j]!), 5);
  const variance = [0, 1].map((column) => flat.reduce((sum, row) => sum + row[column]! ** 2, 0));
  expect(variance[0]!).toBeGreaterThan(variance[1]!);
  expect(flat.reduce((sum, row) => sum + row[0]!, 0)).toBeCloseTo(0, 4);
});

test('vectors are cut to the width of the model, and not made wider', () => {
  const vectors = wordVectorsOf({ weights: new Map([['x.weight', plane(2)], ['embeddings.word_embeddings.weight', plane(9)]]) }, 'folder'); // biome-ignore format: one table
  expect([...vectors.keys()]).toEqual(['embeddings.word_embeddings.weight']);
  const fit = (width: number) =>
    fittingWordVectors(vectors, [{ name: 'bert.embeddings.word_embeddings.weight', shape: [9, width] }])
      .values()
      .next().value!;
  expect(fit(2).dims).toEqual([9, 2]);
  expect(fit(6)).toBe([...vectors.values()][0]);
  expect(() => fit(8)).toThrow(/vectors are 6 wide, the model's 8\. Fix: set model\.width to at most 6/);
  expect(() => wordVectorsOf({ weights: new Map([['wte.weight', plane(9)]]) }, 'folder')).toThrow(/folder: .*no word_embeddings\.weight/);
});
