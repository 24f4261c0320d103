import { expect, test } from 'vitest';
import { chooseHold } from './hold.js';
import { fitPolicy } from './policy.js';

const labels = ['bad', 'fine'];
/** Scores of `bad`, and whether it is. */
const fit = (rows: readonly (readonly [score: number, bad: boolean])[], options = {}) =>
  fitPolicy({ labels, hold: ['bad'], scores: rows.map(([bad]) => [bad, 1 - bad]), truth: rows.map(([, bad]) => (bad ? 0 : 1)), ...options })
    .labels.bad;

const repeat = (count: number, from: number, to: number, bad: boolean) =>
  Array.from({ length: count }, (_, i) => [from + ((to - from) * i) / count, bad] as const);

test('a clean gap is cut in the middle, by a short decimal', () => {
  expect(fit([...repeat(30, 0.8, 0.99, true), ...repeat(30, 0.01, 0.4, false)])).toEqual({ review: 0.59, block: 0.59 });
});

test('block lies above review where the scores mix', () => {
  const rows = [
    ...repeat(60, 0.9, 1, true),
    ...repeat(30, 0.5, 0.9, true),
    ...repeat(15, 0.45, 0.85, false),
    ...repeat(80, 0, 0.45, false),
  ];
  const { review, block } = fit(rows)!;
  const precision = (threshold: number) => {
    const held = rows.filter(([score]) => score >= threshold);
    return held.filter(([, bad]) => bad).length / held.length;
  };
  expect(review).toBeLessThan(block!);
  expect(precision(block!)).toBeGreaterThanOrEqual(0.98);
  const lower = rows.map(([score]) => score).filter((score) => score >= review! && score < block!);
  for (const threshold of lower) expect(precision(threshold)).toBeLessThan(0.98);
});

test('review has the best F1 of all thresholds', () => {
  const rows = [...repeat(40, 0.3, 0.9, true), ...repeat(40, 0.1, 0.6, false)];
  const f1 = (threshold: number) => {
    const held = rows.filter(([score]) => score >= threshold);
    return (2 * held.filter(([, bad]) => bad).length) / (held.length + 40);
  };
  const { review } = fit(rows)!;
  for (let threshold = 0; threshold <= 1; threshold += 0.001) expect(f1(threshold)).toBeLessThanOrEqual(f1(review!) + 1e-12);
});

test('nothing is blocked on the word of a few texts, or without the precision', () => {
  expect(fit([...repeat(10, 0.8, 0.99, true), ...repeat(30, 0, 0.4, false)])!.block).toBeNull();
  expect(fit([...repeat(40, 0.5, 0.9, true), ...repeat(40, 0.5, 0.9, false)])!.block).toBeNull();
});

test('a label that val does not have is reviewed from one half', () => {
  expect(fit(repeat(30, 0, 0.4, false))).toEqual({ review: 0.5, block: null });
});

test('only the labels to hold are in the policy', () => {
  expect(Object.keys(fitPolicy({ labels, hold: ['fine'], scores: [[0.4, 0.6]], truth: [1] }).labels)).toEqual(['fine']);
});

test.each([
  [['clickbait', 'news'], ['clickbait']],
  [['fake', 'real'], ['fake']],
  [
    ['hate', 'neither', 'offensive'],
    ['hate', 'offensive'],
  ],
  [['genuine', 'rumour'], ['rumour']],
  [['different', 'same'], ['different']],
  [['0', '1'], ['1']],
  [['false', 'true'], ['false']],
  [['Not Spam', 'SPAM'], ['SPAM']],
  [['non_toxic', 'toxic'], ['toxic']],
  [
    ['ham', 'spam', 'phishing'],
    ['spam', 'phishing'],
  ],
])('%j: held for %j, by the names', (given, hold) => {
  const choice = chooseHold(given, {});
  expect(choice.hold).toEqual(hold);
  expect(choice.reason).toMatch(/^Texts are held back for .*by its name/);
});

test('without a telling name all but the most frequent label hold', () => {
  const { hold, reason } = chooseHold(['sport', 'politics', 'arts'], { sport: 10, politics: 40, arts: 5 });
  expect(hold).toEqual(['sport', 'arts']);
  expect(reason).toContain('"politics" is the most frequent');
});

test('where every name is harmless nothing is held', () => {
  expect(chooseHold(['real', 'news'], {})).toMatchObject({ hold: [], reason: expect.stringContaining('No label holds a text back') });
});

test('a name that only begins like a negation is not taken for one', () => {
  expect(chooseHold(['unreliable', 'nonsense', 'news'], {}).hold).toEqual(['unreliable', 'nonsense']);
});
