import { expect, test } from 'vitest';
import { createRandom } from '../data/random.js';
import { nearDuplicates } from './near-duplicates.js';
import { jaccard, shinglesOf } from './shingles.js';
import { madeUp } from './testing/made-up.js';

/** Sentences and changed copies of them: a word dropped, doubled, moved, or several. */
function family(count: number): { text: string }[] {
  const random = createRandom(3);
  return madeUp(count).records.flatMap(({ text }) => {
    const words = text.split(' ');
    const changed = Array.from({ length: random.below(4) }, (_, changes) => {
      const copy = [...words];
      for (let i = 0; i <= changes; i++) copy[random.below(copy.length)] = words[random.below(words.length)]!;
      return { text: copy.join(' ') };
    });
    return [{ text }, ...changed];
  });
}

test('finds exactly the pairs that comparing all with all finds', () => {
  const texts = family(120);
  const sets = texts.map(({ text }) => shinglesOf(text));
  for (const threshold of [0.6, 0.8, 0.9]) {
    const expected = sets.flatMap((a, i) => sets.slice(i + 1).flatMap((b, j) => (jaccard(a, b) >= threshold ? [`${i} ${i + 1 + j}`] : [])));
    const { pairs } = nearDuplicates(texts, { threshold });
    expect(expected.length).toBeGreaterThan(10);
    expect(pairs.map(({ a, b }) => `${a} ${b}`)).toEqual(expected);
    for (const { a, b, similarity } of pairs) expect(similarity).toBeCloseTo(jaccard(sets[a]!, sets[b]!), 12);
  }
});

test('with classes pairs are left out, but no cluster is torn and no class that a text is near to is lost', () => {
  const texts = family(120);
  const classOf = (index: number) => index % 3;
  const all = nearDuplicates(texts);
  const some = nearDuplicates(texts, { classOf });
  const near = (pairs: typeof all.pairs) =>
    [...new Set(pairs.flatMap(({ a, b }) => [`${a} near ${classOf(b)}`, `${b} near ${classOf(a)}`]))].sort();
  expect(some.clusters).toEqual(all.clusters);
  expect(near(some.pairs)).toEqual(near(all.pairs));
  const flood = Array.from({ length: 300 }, (_, i) => ({
    text: `The count of this morning was ${i} and nobody was surprised by it at all`,
  }));
  expect(nearDuplicates(flood, { classOf: () => 0 }).pairs.length).toBeLessThan(600);
  expect(nearDuplicates(flood, { classOf: () => 0 }).clusters).toHaveLength(1);
});

test('the order of a pair does not count, both sides do', () => {
  const [a, b, c] = [
    'How do I change the number of my card',
    'May I have another number for it please',
    'Is there a fee when I pay too late',
  ];
  const { pairs } = nearDuplicates([{ text: a!, pair: b! }, { text: b!, pair: a! }, { text: a!, pair: c! }, { text: a!, pair: a! }]); // biome-ignore format: a list
  expect(pairs).toEqual([{ a: 0, b: 1, similarity: 1 }]);
});

test('case, punctuation, white space and the address of a link do not count; one word of a short Chinese text does', () => {
  const alike = [{ text: 'Look at this now: https://a.example/1' }, { text: 'look AT this  now! https://b.example/2' }];
  expect(nearDuplicates(alike).pairs).toEqual([{ a: 0, b: 1, similarity: 1 }]);
  expect(nearDuplicates([{ text: '明天下午三点开会' }, { text: '明天下午三点开会。' }]).pairs).toHaveLength(1);
  expect(nearDuplicates([{ text: '明天下午三点开会' }, { text: '明天下午四点开会' }]).pairs).toEqual([]);
});

test('no text, one text, texts without letters', () => {
  expect(nearDuplicates([])).toEqual({ pairs: [], clusters: [] });
  expect(nearDuplicates([{ text: 'alone' }]).pairs).toEqual([]);
  expect(nearDuplicates([{ text: '…' }, { text: '!!' }]).pairs).toHaveLength(1);
});
