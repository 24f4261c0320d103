/** @file The files in examples/ are what their README says. */
import { expect, test } from 'vitest';
import { loadDataset } from './dataset.js';

test('the headlines load without a warning, half of each label', async () => {
  const folder = new URL('../../examples/', import.meta.url).pathname;
  const { labels, splits, warnings } = await loadDataset({ train: 'headlines.train.jsonl', val: 'headlines.val.jsonl' }, folder);
  expect(labels).toEqual(['clickbait', 'news']);
  expect(warnings).toEqual([]);
  expect([splits.train.length, splits.val.length]).toEqual([333, 100]);
  for (const examples of [splits.train, splits.val]) {
    const share = examples.filter(({ target }) => target[0] === 1).length / examples.length;
    expect(Math.abs(share - 0.5)).toBeLessThan(0.02);
  }
});
