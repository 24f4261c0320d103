import { expect, test } from 'vitest';
import { activate, toVerdict, type VerdictRules } from './verdict.js';

const rules: VerdictRules = {
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
    rule: { kind: 'threshold', label: 'clickbait', threshold: 0.8 },
  });
  expect(toVerdict(rules, logits(0.5, 0.1, 0.4))).toMatchObject({
    label: 'clickbait',
    decision: 'review',
    threshold: 0.4,
    decidedBy: 'clickbait',
  });
  expect(toVerdict(rules, logits(0.05, 0.35, 0.6))).toMatchObject({ label: 'news', decision: 'review', threshold: 0.3, decidedBy: 'hoax' });
  expect(toVerdict(rules, logits(0.2, 0.1, 0.7))).toMatchObject({
    label: 'news',
    decision: 'publish',
    threshold: 0.4,
    decidedBy: null,
    rule: { kind: 'none' },
  });
});

test('a score equal to a threshold reaches it', () => {
  const even = (review: number, block: number): VerdictRules => ({
    ...rules,
    activation: 'sigmoid',
    policy: { labels: { clickbait: { review, block } } },
    thresholds: { hoax: 0.5 },
  });
  expect(toVerdict(even(0.4, 0.5), [0, 0, 0])).toMatchObject({ decision: 'block', labels: ['clickbait', 'hoax', 'news'] });
  expect(toVerdict(even(0.5, 0.6), [0, 0, 0]).decision).toBe('review');
});

test('without a policy every text is published, with no threshold', () => {
  expect(toVerdict({ ...rules, policy: { labels: {} } }, [5, 0, 0])).toMatchObject({
    decision: 'publish',
    threshold: null,
    decidedBy: null,
  });
});

const several: VerdictRules = { ...rules, activation: 'sigmoid', thresholds: { clickbait: 0.3, news: 0.9 } };
const logit = (score: number) => Math.log(score / (1 - score));

test('multi-label: every label that reaches its threshold is named, the surest first; without a threshold it is one half', () => {
  const say = (...scores: number[]) => toVerdict(several, scores.map(logit));
  expect(say(0.35, 0.6, 0.8)).toMatchObject({ label: 'news', labels: ['hoax', 'clickbait'], decision: 'review', decidedBy: 'hoax' });
  expect(say(0.2, 0.4, 0.95)).toMatchObject({ labels: ['news'], decision: 'review', threshold: 0.3 });
  expect(say(0.2, 0.1, 0.3)).toMatchObject({ label: 'news', labels: [], decision: 'publish' });
});

test('one label is the answer of a softmax, so it names no others', () => {
  expect(toVerdict(rules, [0, 0, 0])).not.toHaveProperty('labels');
});

test('regression: values as they are, and nothing is held', () => {
  const one: VerdictRules = { ...rules, labels: ['anger'], activation: 'none', policy: { labels: {} } };
  const published = { decision: 'publish', threshold: null, decidedBy: null, rule: { kind: 'none' } };
  const verdict = { values: { anger: -2.5 }, ...published, model: 'tiny', version: '1' };
  expect(toVerdict(one, [-2.5])).toEqual({ value: -2.5, ...verdict });
  expect(toVerdict({ ...one, labels: ['anger', 'joy'] }, [-2.5, 4])).toEqual({ ...verdict, values: { anger: -2.5, joy: 4 } });
});

test('regression with thresholds, as a policy file may set them: the value decides, below zero too', () => {
  const one: VerdictRules = {
    ...rules,
    labels: ['anger', 'joy'],
    activation: 'none',
    policy: { labels: { anger: { review: -3, block: 2 } } },
  };
  expect(toVerdict(one, [-3.5, 9])).toMatchObject({ decision: 'publish', threshold: -3, rule: { kind: 'none' } });
  expect(toVerdict(one, [-2.5, 0])).toMatchObject({ decision: 'review', rule: { kind: 'threshold', label: 'anger', threshold: -3 } });
  expect(toVerdict(one, [2, 0])).toMatchObject({ decision: 'block', threshold: 2, decidedBy: 'anger' });
});

test('truncated stands in the verdict only where the text was cut', () => {
  expect(toVerdict(rules, [0, 0, 0], true)).toHaveProperty('truncated', true);
  expect(toVerdict(rules, [0, 0, 0])).not.toHaveProperty('truncated');
});
