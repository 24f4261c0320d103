import { expect, test } from 'vitest';
import type { Manifest } from './manifest.js';
import { activate, toVerdict } from './verdict.js';

const rules: Pick<Manifest, 'name' | 'version' | 'labels' | 'activation' | 'temperature' | 'policy'> = {
  name: 'tiny',
  version: '1',
  labels: ['clickbait', 'hoax', 'news'],
  activation: 'softmax',
  temperature: 1,
  policy: { labels: { clickbait: { review: 0.4, block: 0.8 }, hoax: { review: 0.3, block: null } } },
};

test('softmax: scores sum to one, and no finite logit overflows', () => {
  for (const logits of [
    [0, 0, 0],
    [1e4, -1e4, 3],
    [-800, -801, -802],
  ]) {
    const scores = activate('softmax', 1, logits);
    expect(scores.every(Number.isFinite)).toBe(true);
    expect(scores.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  }
});

test('sigmoid: each label by itself, and no finite logit overflows', () => {
  expect(activate('sigmoid', 1, [0, 1e4, -1e4])).toEqual([0.5, 1, 0]);
});

test('the temperature divides the logits before the activation', () => {
  expect(activate('softmax', 2, [2, 4])).toEqual(activate('softmax', 1, [1, 2]));
  expect(activate('none', 2, [2, 4])).toEqual([1, 2]);
});

test('a text is blocked, held for review or published by the thresholds of its labels', () => {
  const logits = (...scores: number[]) => scores.map(Math.log);
  expect(toVerdict(rules, logits(0.9, 0.05, 0.05))).toMatchObject({
    label: 'clickbait',
    decision: 'block',
    threshold: 0.8,
    decidedBy: 'clickbait',
  });
  expect(toVerdict(rules, logits(0.5, 0.1, 0.4))).toMatchObject({
    label: 'clickbait',
    decision: 'review',
    threshold: 0.4,
    decidedBy: 'clickbait',
  });
  expect(toVerdict(rules, logits(0.05, 0.35, 0.6))).toMatchObject({ label: 'news', decision: 'review', threshold: 0.3, decidedBy: 'hoax' });
  expect(toVerdict(rules, logits(0.2, 0.1, 0.7))).toMatchObject({ label: 'news', decision: 'publish', threshold: 0.4, decidedBy: null });
});

test('a score equal to a threshold reaches it', () => {
  const none = { ...rules, activation: 'none' as const };
  expect(toVerdict(none, [0.8, 0, 0]).decision).toBe('block');
  expect(toVerdict(none, [0.4, 0, 0]).decision).toBe('review');
});

test('without a policy every text is published, with no threshold', () => {
  expect(toVerdict({ ...rules, policy: { labels: {} } }, [5, 0, 0])).toMatchObject({
    decision: 'publish',
    threshold: null,
    decidedBy: null,
  });
});

test('truncated stands in the verdict only where the text was cut', () => {
  expect(toVerdict(rules, [0, 0, 0], true)).toHaveProperty('truncated', true);
  expect(toVerdict(rules, [0, 0, 0])).not.toHaveProperty('truncated');
});
