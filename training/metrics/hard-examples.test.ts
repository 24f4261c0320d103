import { expect, test } from 'vitest';
import { hardExamples, toJsonLines } from './hard-examples.js';

const texts = ['one', 'two', 'three', 'four'].map((text) => ({ text }));

test('the surest wrong answers come first, with their place in the file', () => {
  const hard = hardExamples({
    task: 'single-label',
    labels: ['bad', 'fine'],
    temperature: 1,
    logits: [[1, 0], [3, 0], [0, 5], [0, 2]], // biome-ignore format: four rows
    targets: [[0, 1], [0, 1], [0, 1], [1, 0]], // biome-ignore format: four rows
    examples: texts,
  });
  expect(hard.map(({ position, text }) => [position, text])).toEqual([[2, 'two'], [4, 'four'], [1, 'one']]); // biome-ignore format: three rows
  expect(hard[0]).toEqual({ position: 2, text: 'two', truth: ['fine'], answer: ['bad'], score: 1 / (1 + Math.exp(-3)), loss: expect.closeTo(Math.log(1 + Math.exp(3)), 12) }); // biome-ignore format: one line
});

test('with several labels: what is missing and what is too much', () => {
  const [first, ...others] = hardExamples({
    task: 'multi-label',
    labels: ['a', 'b'],
    temperature: 1,
    thresholds: { b: 0.9 },
    logits: [[4, -4], [-3, 2], [-3, 2]], // biome-ignore format: three rows
    targets: [[1, 0], [1, 0], [0, 0]], // biome-ignore format: three rows
    examples: [{ text: 'one' }, { text: 'two', pair: 'second' }, { text: 'three' }],
  });
  expect(first).toMatchObject({ position: 2, pair: 'second', truth: ['a'], answer: [], score: expect.closeTo(1 / (1 + Math.exp(-3)), 12) });
  expect(others).toEqual([]); // a score of .88 for b is below its threshold, so the third is right
});

test('of a regression those that are furthest off', () => {
  const parts = { task: 'regression' as const, labels: ['anger'], temperature: 1, examples: texts };
  const hard = hardExamples({ ...parts, logits: [[1], [2], [3], [4]], targets: [[1], [4], [2], [4]], most: 1 });
  expect(hard).toEqual([{ position: 2, text: 'two', truth: ['anger=4'], answer: ['anger=2'], score: null, loss: 4 }]);
});

test('as a file: one JSON object a line', () => {
  const parts = { task: 'regression' as const, labels: ['v'], temperature: 1, examples: texts };
  const hard = hardExamples({ ...parts, logits: [[1], [2], [3], [4]], targets: [[2], [4], [3], [4]] });
  const lines = toJsonLines(hard).split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.map((line) => JSON.parse(line))).toEqual(hard);
});
