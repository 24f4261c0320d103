import { expect, test } from 'vitest';
import { fitRules } from './fit-rules.js';
import { chooseHold } from './hold.js';
import { fitPolicy, fitThresholds } from './policy.js';

const labels = ['bad', 'fine'];
/** Scores of `bad`, and whether it is. */
const fit = (rows: readonly (readonly [score: number, bad: boolean])[], options = {}) =>
  fitPolicy({
    labels,
    hold: ['bad'],
    scores: rows.map(([bad]) => [bad, 1 - bad]),
    targets: rows.map(([, bad]) => (bad ? [1, 0] : [0, 1])),
    ...options,
  }).labels.bad;

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

test.each([0.5, 0.9, 0.95, 1])('review with a wanted recall of %s holds the fewest texts that reach it', (reviewRecall) => {
  const rows = [...repeat(40, 0.3, 0.9, true), ...repeat(40, 0.1, 0.6, false)];
  const { review } = fit(rows, { reviewRecall })!;
  const recall = (threshold: number) => rows.filter(([score, bad]) => bad && score >= threshold).length / 40;
  expect(recall(review!)).toBeGreaterThanOrEqual(reviewRecall);
  expect(recall(review! + 0.02)).toBeLessThan(reviewRecall);
});

test('a lower review threshold leaves block where its precision is', () => {
  const rows = [...repeat(60, 0.6, 1, true), ...repeat(15, 0.45, 0.85, false), ...repeat(80, 0, 0.45, false)];
  const [best, all] = [fit(rows)!, fit(rows, { reviewRecall: 1 })!];
  expect(all.review).toBeLessThanOrEqual(best.review!);
  expect(all.block).toBe(best.block);
});

test('several labels are given from the score with their best F1 on; one half where val has none', () => {
  const scores = [[0.9, 0.2], [0.35, 0.1], [0.2, 0.4], [0.1, 0.3]]; // biome-ignore format: four rows
  expect(fitThresholds(['a', 'b'], scores, [[1, 0], [1, 0], [0, 0], [0, 0]])).toEqual({ a: 0.28, b: 0.5 }); // biome-ignore format: four rows
});

test('the rules of each task: thresholds for several labels, no policy for values', () => {
  const parts = { labels: ['a', 'b'], hold: ['a'], logits: [[2, -1], [-1, 1], [1, 2]], targets: [[1, 0], [0, 1], [0, 1]] }; // biome-ignore format: three rows
  const single = fitRules({ task: 'single-label', ...parts });
  expect(single).toMatchObject({ activation: 'softmax', policy: { labels: { a: { block: null } } } });
  expect(single).not.toHaveProperty('thresholds');
  expect(fitRules({ task: 'multi-label', ...parts })).toMatchObject({ activation: 'sigmoid', thresholds: { a: expect.any(Number), b: expect.any(Number) } }); // biome-ignore format: one line
  expect(fitRules({ task: 'regression', ...parts })).toEqual({ activation: 'none', temperature: 1, policy: { labels: {} } });
});

test('only the labels to hold are in the policy', () => {
  expect(Object.keys(fitPolicy({ labels, hold: ['fine'], scores: [[0.4, 0.6]], targets: [[0, 1]] }).labels)).toEqual(['fine']);
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
  const choice = chooseHold('single-label', given, {});
  expect(choice.hold).toEqual(hold);
  expect(choice.reason).toMatch(/^Texts are held back for .*by its name/);
});

test('without a telling name all but the most frequent label hold', () => {
  const { hold, reason } = chooseHold('single-label', ['sport', 'politics', 'arts'], { sport: 10, politics: 40, arts: 5 });
  expect(hold).toEqual(['sport', 'arts']);
  expect(reason).toContain('"politics" is the most frequent');
});

test('where every name is harmless nothing is held', () => {
  expect(chooseHold('single-label', ['real', 'news'], {})).toMatchObject({
    hold: [],
    reason: expect.stringContaining('No label holds a text back'),
  });
});

test('a name that only begins like a negation is not taken for one', () => {
  expect(chooseHold('single-label', ['unreliable', 'nonsense', 'news'], {}).hold).toEqual(['unreliable', 'nonsense']);
});

test('with several labels a text with nothing wrong has none, so all hold unless a name says otherwise; values hold nothing', () => {
  expect(chooseHold('multi-label', ['threat', 'insult'], { threat: 1, insult: 90 }).hold).toEqual(['threat', 'insult']);
  expect(chooseHold('multi-label', ['threat', 'clean'], {}).hold).toEqual(['threat']);
  expect(chooseHold('regression', ['anger'], {})).toMatchObject({ hold: [], reason: expect.stringContaining('values') });
});
