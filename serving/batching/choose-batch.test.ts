import { expect, test } from 'vitest';
import { type BatchLimits, type Candidate, chooseBatch } from './choose-batch.js';

const limits: BatchLimits = { texts: 8, tokens: 200, overheadTokens: 10 };
const text = (tokens: number, extra: Partial<Candidate> = {}): Candidate => ({ tokens, deadline: 1e9, alone: false, ...extra });
const lengths = (batch: readonly Candidate[]): readonly number[] => batch.map(({ tokens }) => tokens);

/** The first is the seed; the others come in groups of one length, the nearest first, as they do from a lane. */
function choose(texts: readonly Candidate[], most?: number, inTime?: (padded: number, deadline: number) => boolean) {
  const [seed] = texts as [Candidate];
  const groups = new Map<number, Candidate[]>();
  for (const one of texts) groups.set(one.tokens, [...(groups.get(one.tokens) ?? []), one]);
  const distance = (length: number): number => Math.abs(length - seed.tokens);
  const nearest = [...groups].sort(([a], [b]) => distance(a) - distance(b)).map(([, group]) => group);
  return chooseBatch(seed, nearest, limits, most, inTime);
}

test('the seed is always in the batch, whatever its length', () => {
  expect(lengths(choose([text(150), text(5), text(5), text(5)]))).toEqual([150]);
  expect(lengths(choose([text(5_000), text(5)]))).toEqual([5_000]);
});

test('texts of like length run together, unlike ones wait', () => {
  expect(lengths(choose([text(10), text(60), text(11), text(9), text(64)]))).toEqual([10, 11, 9]);
});

test('the padded size stays within the budget', () => {
  expect(choose(Array.from({ length: 20 }, () => text(60)))).toHaveLength(3);
});

test('no more texts than the limit, nor than the share of one worker', () => {
  const texts = Array.from({ length: 20 }, () => text(5));
  expect(choose(texts)).toHaveLength(8);
  expect(choose(texts, 5)).toHaveLength(5);
});

test('a text that must run alone does, and joins nobody', () => {
  const alone = text(10, { alone: true });
  expect(choose([alone, text(10)])).toEqual([alone]);
  expect(choose([text(10), alone, text(10)])).toHaveLength(2);
});

test('none joins that would come too late in the batch, or make another too late', () => {
  const takesTooLong = (padded: number, deadline: number): boolean => padded <= deadline;
  expect(choose([text(10, { deadline: 30 }), text(10), text(10), text(10)], 8, takesTooLong)).toHaveLength(3);
  expect(choose([text(10), text(10, { deadline: 15 }), text(10, { deadline: 25 }), text(10)], 8, takesTooLong)).toHaveLength(2);
});
