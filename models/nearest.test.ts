import { expect, test } from 'vitest';
import { nearest } from './nearest.js';

test.each([
  ['lable', ['text', 'label'], 'label'], // neighbours swapped: one edit
  ['clickbiat', ['clickbait', 'news'], 'clickbait'],
  ['txts', ['text', 'inputs', 'texts'], 'texts'],
  ['EPOCHS', ['epochs'], 'epochs'],
  ['epoch', ['batchSize', 'epochs'], 'epochs'],
  ['newz', ['clickbait', 'news'], 'news'],
  ['learning_rate', ['learningRate', 'schedule'], 'learningRate'],
] as const)('%s is taken for the known name that it is nearest to', (given, candidates, meant) =>
  expect(nearest(given, candidates)).toBe(meant),
);

test.each([
  ['sport', ['clickbait', 'news']],
  ['ab', ['xy']], // two edits in two letters are another word
  ['anything', []],
] as const)('%s is near to none of [%s]', (given, candidates) => expect(nearest(given, candidates)).toBeUndefined());

test('of equally near names the first is taken', () => expect(nearest('cat', ['bat', 'hat'])).toBe('bat'));

test('only the beginning of a very long name is compared', () => {
  expect(nearest('x'.repeat(100_000), ['x'.repeat(64)])).toBe('x'.repeat(64));
});
