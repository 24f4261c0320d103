import { describe, expect, test } from 'vitest';
import type { Example } from './example.js';
import { folds } from './folds.js';
import { type SplitBy, takeOut } from './split.js';
import { targetStrata } from './strata.js';

const ways: readonly SplitBy[] = ['label', 'random', 'time', 'group'];

/** 300 examples of 3 labels (60, 30, 10 %); every tenth text comes twice, with another time and group. */
const examples: readonly Example[] = Array.from({ length: 300 }, (_, i) => {
  const label = i % 10 < 6 ? 0 : i % 10 < 9 ? 1 : 2;
  const text = i % 10 === 3 ? `story ${i - 3}` : `story ${i}`;
  return { text, target: [0, 1, 2].map((one) => (one === label ? 1 : 0)), time: (i * 7919) % 300, group: `desk ${i % 40}` };
});
const strata = targetStrata(examples);
const take = (by: SplitBy, share: number, seed = 1) => takeOut(examples, share, by, { seed, strata });
const textsOf = (side: readonly Example[]) => new Set(side.map(({ text }) => text));
const shared = (a: ReadonlySet<string>, b: ReadonlySet<string>) => [...a].filter((text) => b.has(text));

describe.each(ways)('by %s', (by) => {
  test('each example is on one side, in the order of the file, and about the share is taken', () => {
    const { rest, taken } = take(by, 0.2);
    const order = (side: readonly Example[]) => side.map((example) => examples.indexOf(example));
    expect([...order(rest), ...order(taken)].sort((a, b) => a - b)).toEqual(examples.map((_, i) => i));
    for (const side of [order(rest), order(taken)]) expect(side).toEqual([...side].sort((a, b) => a - b));
    expect(Math.abs(taken.length - 60)).toBeLessThanOrEqual(by === 'group' ? 200 : 4);
  });

  test('no text is on both sides, and the same seed gives the same sides', () => {
    const { rest, taken } = take(by, 0.2);
    expect(shared(textsOf(rest), textsOf(taken))).toEqual([]);
    expect(take(by, 0.2)).toEqual({ rest, taken });
  });

  test('folds: no text on both sides, the same for the same seed, and k of them', () => {
    const made = folds(by === 'group' ? grouped : examples, 4, by, 3);
    const of = by === 'group' ? grouped : examples;
    expect(made).toHaveLength(4);
    for (const { train, val } of made) {
      const side = (at: readonly number[]) => textsOf(at.map((i) => of[i]!));
      expect(shared(side(train), side(val))).toEqual([]);
      expect(val.length).toBeGreaterThan(0);
    }
    expect(folds(of, 4, by, 3)).toEqual(made);
  });
});

/** Without the repeated texts, which tie most groups together. */
const grouped = examples.filter((_, i) => i % 10 !== 3);

test('another seed takes others', () => {
  for (const by of ['label', 'random'] as const) expect(take(by, 0.2, 2).taken).not.toEqual(take(by, 0.2, 1).taken);
});

test('by label the shares of the labels are those of the whole', () => {
  const { taken } = take('label', 0.2);
  expect([0, 1, 2].map((label) => taken.filter(({ target }) => target[label] === 1).length)).toEqual([36, 18, 6]);
});

test('by time what is taken is the newest; a text that came again is as new as its newest copy', () => {
  const { rest, taken } = take('time', 0.2);
  const newest = (side: readonly Example[], text: string) =>
    Math.max(...side.filter((example) => example.text === text).map(({ time }) => time!));
  const oldestTaken = Math.min(...taken.map(({ text }) => newest(taken, text)));
  expect(Math.max(...rest.map(({ time }) => time!))).toBeLessThanOrEqual(oldestTaken);
});

test('by group no group is on both sides', () => {
  const { rest, taken } = takeOut(grouped, 0.2, 'group', { seed: 1, strata: targetStrata(grouped) });
  const groups = (side: readonly Example[]) => new Set(side.map(({ group }) => group!));
  expect(shared(groups(rest), groups(taken))).toEqual([]);
  expect(Math.abs(taken.length - grouped.length * 0.2)).toBeLessThan(10);
  for (const { train, val } of folds(grouped, 5, 'group', 1)) {
    expect(shared(groups(train.map((i) => grouped[i]!)), groups(val.map((i) => grouped[i]!)))).toEqual([]);
  }
});

test('a pair and its reverse stay together', () => {
  const pairs = Array.from({ length: 40 }, (_, i): Example[] => [
    { text: `a${i}`, pair: `b${i}`, target: [1, 0] },
    { text: `b${i}`, pair: `a${i}`, target: [1, 0] },
  ]).flat();
  const { taken } = takeOut(pairs, 0.25, 'random', { seed: 1, strata: targetStrata(pairs) });
  expect(taken).toHaveLength(20);
  for (const { text, pair } of taken) expect(taken.some((other) => other.text === pair && other.pair === text)).toBe(true);
});

test('folds by label: each example is held out once, each fold with its share of each label', () => {
  const made = folds(examples, 5, 'label', 1);
  expect(made.flatMap(({ val }) => val).sort((a, b) => a - b)).toEqual(examples.map((_, i) => i));
  for (const { train, val } of made) {
    expect(train.length + val.length).toBe(300);
    const counts = [0, 1, 2].map((label) => val.filter((i) => examples[i]!.target[label] === 1).length);
    expect([36, 18, 6].map((wanted, label) => Math.abs(wanted - counts[label]!)).every((off) => off <= 1)).toBe(true);
  }
});

test('folds by time: nothing is learned from what came later, and each fold has more to learn from', () => {
  const once = examples.filter((_, i) => i % 10 !== 3);
  const made = folds(once, 4, 'time', 1);
  const times = (at: readonly number[]) => at.map((i) => once[i]!.time!);
  for (const { train, val } of made) expect(Math.max(...times(train))).toBeLessThan(Math.min(...times(val)));
  expect(made.map(({ train }) => train.length)).toEqual([54, 108, 162, 216]);
});

test('several labels a text: the rarest are spread evenly too', () => {
  const many: Example[] = Array.from({ length: 120 }, (_, i) => ({
    text: `t${i}`,
    target: [i % 2, i % 3 === 0 ? 1 : 0, i % 20 === 0 ? 1 : 0],
  }));
  for (const { val } of folds(many, 3, 'label', 1)) expect(val.filter((i) => many[i]!.target[2] === 1)).toHaveLength(2);
});

test('low and high values are spread evenly', () => {
  const values: Example[] = Array.from({ length: 200 }, (_, i) => ({ text: `t${i}`, target: [i / 20] }));
  const { taken } = takeOut(values, 0.1, 'label', { seed: 1, strata: targetStrata(values) });
  expect(taken.map(({ target }) => Math.floor(target[0]!))).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9]);
});

test('folds are refused where there are too few texts, or no times', () => {
  const same: Example[] = Array.from({ length: 9 }, () => ({ text: 'same', target: [1, 0] }));
  expect(() => folds(same, 3, 'random', 1)).toThrow(/9 examples are too few for 3 folds by random: equal texts stay together\. Fix:/);
  expect(() => folds([{ text: 'a', target: [1] }], 2, 'time', 1)).toThrow(/1 of 1 examples have no time.*Fix: give every row a time/);
});
