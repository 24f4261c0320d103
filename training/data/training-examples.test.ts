import { expect, test } from 'vitest';
import { countLabels, type Example } from './example.js';
import { trainingExamples } from './training-examples.js';

const make = (count: number, target: readonly number[], word: string): Example[] =>
  Array.from({ length: count }, (_, i) => ({ text: `${word} ${i}`, target }));
const natural = { pairs: 'as-given', sampling: 'natural', targets: 'labels' } as const;

test('as they are, unless the config says otherwise', () => {
  const examples = make(3, [1, 0], 'a');
  expect(trainingExamples(examples, natural, 1)).toEqual(examples);
});

test('oversampling: each label as often as the most frequent, every text at least once, the same for the same seed', () => {
  const examples = [...make(100, [1, 0, 0], 'a'), ...make(30, [0, 1, 0], 'b'), ...make(7, [0, 0, 1], 'c')];
  const more = trainingExamples(examples, { ...natural, sampling: 'oversample' }, 1);
  expect(countLabels(more, 3)).toEqual({ texts: 300, labels: [100, 100, 100] });
  expect(more.slice(0, 137)).toEqual(examples);
  const times = new Map<string, number>();
  for (const { text } of more) times.set(text, (times.get(text) ?? 0) + 1);
  expect(new Set(examples.slice(100, 130).map(({ text }) => times.get(text)))).toEqual(new Set([3, 4]));
  expect(trainingExamples(examples, { ...natural, sampling: 'oversample' }, 1)).toEqual(more);
  expect(trainingExamples(examples, { ...natural, sampling: 'oversample' }, 2)).not.toEqual(more);
});

test('oversampling with several labels: a text comes as often as its rarest label asks for, one without labels once', () => {
  const examples = [...make(8, [1, 0], 'a'), ...make(2, [1, 1], 'b'), ...make(1, [0, 0], 'c')];
  const more = trainingExamples(examples, { ...natural, sampling: 'oversample' }, 1);
  const count = (word: string) => more.filter(({ text }) => text.startsWith(word)).length;
  expect([count('a'), count('b'), count('c')]).toEqual([8, 10, 1]);
});

test('votes in the place of labels, where a text has votes', () => {
  const examples: Example[] = [
    { text: 'a', target: [1, 0], shares: [0.75, 0.25] },
    { text: 'b', target: [0, 1] },
  ];
  const targets = (config: Parameters<typeof trainingExamples>[1]) => trainingExamples(examples, config, 1).map(({ target }) => target);
  expect(targets(natural)).toEqual([[1, 0], [0, 1]]); // biome-ignore format: one table
  expect(targets({ ...natural, targets: 'votes', sampling: 'oversample' })).toEqual([[0.75, 0.25], [0, 1]]); // biome-ignore format: one table
});

test('both orders: each pair also the other way round, but not twice where it is there already', () => {
  const pairs: Example[] = [
    { text: 'a', pair: 'b', target: [1, 0] },
    { text: 'c', pair: 'd', target: [0, 1] },
    { text: 'b', pair: 'a', target: [1, 0] },
  ];
  expect(trainingExamples(pairs, { ...natural, pairs: 'both-orders' }, 1)).toEqual([...pairs, { text: 'd', pair: 'c', target: [0, 1] }]);
});

test('refused: both orders of single texts, oversampling of values', () => {
  expect(() => trainingExamples(make(2, [1, 0], 'a'), { ...natural, pairs: 'both-orders' }, 1)).toThrow(
    /single texts\. Fix: take data\.pairs out/,
  );
  expect(() => trainingExamples(make(2, [2.5], 'a'), { ...natural, sampling: 'oversample' }, 1)).toThrow(
    /values\. Fix: take data\.sampling out/,
  );
});
