/** @file Made-up answers of runs on the same texts. */
import { expect, test } from 'vitest';
import { createRandom } from '../data/random.js';
import { answersOf } from './answers.js';
import { compare } from './comparison.js';
import { configDifferences } from './config-differences.js';
import type { Member } from './contender.js';
import { signed } from './sentence.js';

const labels = ['clickbait', 'news'];
const count = 200;

/** @param wrong which of the texts it gets wrong */
function member(name: string, wrong: (i: number) => boolean, config: object = { training: { seed: 1 } }): Member {
  const predictions = Array.from({ length: count }, (_, i) => {
    const side = (i % 2 === 0) !== wrong(i) ? 1 : -1;
    return { text: `text ${i}`, target: i % 2 === 0 ? [1, 0] : [0, 1], logits: [side, -side * (1 + i / count)] };
  });
  return {
    name,
    config,
    fingerprint: 'same',
    answers: answersOf({ labels, activation: 'softmax', temperature: 1 }, predictions),
    secondsPerText: null,
  };
}
const config = (seed: number, more: object = {}) => ({ name: `n${seed}`, training: { seed, batchSize: 8 }, ...more });
const few = { samples: 1000 };

test('a clear difference is told with its interval, and its sign is that of the second against the first', () => {
  const a = member('runs/a', (i) => i % 5 === 0, config(1));
  const b = member('runs/b', (i) => i % 50 === 0, config(1, { model: { layers: 4 } }));
  const { against, contenders, config: differences, texts, metric } = compare([a, b], few);
  expect({ texts, metric }).toEqual({ texts: 200, metric: 'macroF1' });
  expect(contenders.map(({ name, figures }) => [name, figures.accuracy!.value])).toEqual([['runs/a', 0.8], ['runs/b', 0.98]]); // biome-ignore format: short
  expect(against[0]!.differences.accuracy!.difference).toBeCloseTo(0.18, 12);
  expect(against[0]!.differences.accuracy!.p).toBeCloseTo(2 / 1001, 12);
  expect(against[0]!.sentence).toMatch(
    /^runs\/b is better than runs\/a by 18\.\d points of macro F1 \(95 % interval \+1\d\.\d to \+2\d\.\d\): more than chance\.$/,
  );
  expect(compare([b, a], few).against[0]!.sentence).toMatch(/^runs\/a is worse than runs\/b by 18/);
  expect(differences).toEqual([{ key: 'model.layers', values: [undefined, 4] }, { key: 'name', values: ['n1', 'n1'] }].slice(0, 1)); // biome-ignore format: short
});

test('a lower log loss is better', () => {
  const sentenceOf = (members: Member[]) => compare(members, { ...few, metric: 'logLoss' }).against[0]!.sentence;
  const [bad, good] = [member('bad', (i) => i % 3 === 0), member('good', () => false, config(1))];
  expect(sentenceOf([bad, good])).toMatch(/^good is better than bad by 0\.\d+ of log loss \(95 % interval −0\.\d+ to −0\.\d+\)/);
});

test('what may be chance is said to be', () => {
  const [a, b] = [member('a', (i) => i % 10 === 0), member('b', (i) => i % 10 === 1 || i === 12, config(1))];
  expect(compare([a, b], few).against[0]!.sentence).toMatch(
    /^a and b cannot be told apart: −0\.5 points of macro F1 for b \(95 % interval −/,
  );
});

test('runs of one config with several seeds count as one, by the mean of their figures', () => {
  const members = [1, 2].map((seed) => member(`runs/mine-${seed}`, (i) => i % 10 === seed, config(seed)));
  const other = member('runs/other', () => false, config(1, { data: { pairs: 'both-orders' } }));
  const { contenders, against } = compare([members[0]!, other, members[1]!], few);
  expect(contenders.map(({ name, members: names }) => [name, names.length])).toEqual([['runs/mine (2 seeds)', 2], ['runs/other', 1]]); // biome-ignore format: short
  expect(contenders[0]!.figures.accuracy!.value).toBeCloseTo(0.9, 12);
  expect(contenders[0]!.each).toHaveLength(2);
  expect(against).toHaveLength(1);
  expect(compare(members, few).against).toEqual([]);
});

test('which answers change is counted, and shown only as far as asked for', () => {
  const [a, b] = [member('a', (i) => i < 6), member('b', (i) => i >= 4 && i < 9, config(1))];
  const { changes } = compare([a, b], { ...few, examples: 2 }).against[0]!;
  expect(changes).toMatchObject({ mended: 4, broken: 3, otherwise: 0, same: 193 });
  expect(changes!.examples).toHaveLength(2);
  expect(changes!.examples[0]).toEqual({ kind: 'broken', text: 'text 8', truth: ['clickbait'], before: ['clickbait'], after: ['news'] });
  expect(compare([a, b], few).against[0]!.changes!.examples).toEqual([]);
});

test('several seeds answer together as most of them do', () => {
  const seeds = (wrong: readonly number[]) => wrong.map((at, i) => member(`m-${i}`, (text) => text === at, config(i)));
  const changed = (wrong: readonly number[]) =>
    compare([member('a', () => false, config(1, { x: 1 })), ...seeds(wrong)], few).against[0]!.changes;
  expect(changed([10, -1, -1])).toMatchObject({ same: 200 });
  expect(changed([10, 10, -1])).toMatchObject({ same: 199, broken: 1 });
});

test.each([
  [
    'other texts',
    { fingerprint: 'other' },
    /a and b cannot be compared: their val texts are not the same \(200 and 200 texts; fingerprints same and other\)\. Fix: .*--on FILE/,
  ],
  [
    'other labels',
    { answers: { ...member('b', () => false).answers, labels: ['news', 'clickbait'] } },
    /their labels are \[clickbait, news\] and \[news, clickbait\]/,
  ],
] as const)('%s are refused', (_what, change, message) => {
  const [a, b] = [member('a', () => false), { ...member('b', () => false), ...change }];
  expect(() => compare([a, b], few)).toThrow(message);
});

test('a metric that the task does not have is refused', () => {
  const members = [member('a', () => false), member('b', () => false, config(1))];
  expect(() => compare(members, { metric: 'pearson' })).toThrow(/--metric pearson: .*use one of macroF1, accuracy/);
});

test('multi-label and regression: what changes, where that can be said', () => {
  const random = createRandom(5);
  const make = (activation: 'sigmoid' | 'none', name: string, shift: number): Member => ({
    ...member(name, () => false, { shift }),
    answers: answersOf(
      { labels: ['a', 'b'], activation, temperature: 1 },
      Array.from({ length: 40 }, (_, i) => ({
        text: `t${i}`,
        target: [i % 2, Number(i % 3 === 0)],
        logits: [(i % 2) - 0.5 + shift * random.next(), Number(i % 3 === 0) - 0.5],
      })),
    ),
  });
  const several = compare([make('sigmoid', 'a', 0), make('sigmoid', 'b', 1)], few);
  expect(several.against[0]!.changes).toMatchObject({ mended: 0 });
  expect(several.against[0]!.changes!.broken).toBeGreaterThan(0);
  const values = compare([make('none', 'a', 0), make('none', 'b', 1)], few);
  expect(values.metric).toBe('pearson');
  expect(values.against[0]!.changes).toBeNull();
});

test('configs are compared key by key, lists as one value', () => {
  expect(configDifferences([{ a: { b: 1, c: [1, 2] }, d: 'x' }, { a: { b: 2, c: [1, 2] } }])).toEqual([
    { key: 'a.b', values: [1, 2] },
    { key: 'd', values: ['x', undefined] },
  ]);
});

test('signs are written as a reader expects them', () => {
  expect([signed(0.0123, 'macroF1'), signed(-0.0001, 'macroF1'), signed(-0.0123, 'macroF1'), signed(-0.5, 'logLoss'), signed(null, 'auc')]).toEqual(['+1.2', '0.0', '−1.2', '−0.5000', '–']); // biome-ignore format: short
});
