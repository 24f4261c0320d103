import { expect, test } from 'vitest';
import { auditDataOf } from './records.js';
import { compareSplits, splitFindings } from './split-comparison.js';
import { madeUp } from './testing/made-up.js';

const day = 24 * 3600;

test('where what words mean does not change, both splits say about the same', async () => {
  const data = auditDataOf([madeUp(1500, { change: (record, i) => ({ ...record, time: i * day }) })]);
  const comparison = await compareSplits(data, 1);
  expect(comparison).toMatchObject({ learned: 1200, judged: 300, cut: 1200 * day });
  expect(Math.abs(comparison!.random.macroF1 - comparison!.temporal.macroF1)).toBeLessThan(0.05);
  expect(splitFindings(comparison, data)).toMatchObject([{ kind: 'random-split-flatters', level: 'info' }]);
});

test('where a word changes sides, the random split promises too much', async () => {
  const turning = madeUp(1500, {
    change: (record, i) => ({ ...record, time: i * day, text: `${record.text} ${(record.labels![0] === 'good') === i < 1000 ? 'xenon' : 'argon'}` }), // biome-ignore format: short
  });
  const data = auditDataOf([turning]);
  const comparison = await compareSplits(data, 1);
  expect(splitFindings(comparison, data)).toMatchObject([{ kind: 'random-split-flatters', level: 'error' }]);
  expect(comparison!.random.macroF1).toBeGreaterThan(comparison!.temporal.macroF1 + 0.15);
});

test('without times, with one time, or with too few texts there is nothing to compare', async () => {
  const timed = (count: number, time: (i: number) => number) => auditDataOf([madeUp(count, { change: (record, i) => ({ ...record, time: time(i) }) })]); // biome-ignore format: short
  expect(await compareSplits(auditDataOf([madeUp(200)]), 1)).toBeUndefined();
  expect(await compareSplits(timed(200, () => 5), 1)).toBeUndefined(); // biome-ignore format: short
  expect(await compareSplits(timed(99, (i) => i), 1)).toBeUndefined(); // biome-ignore format: short
});

test('a later split that is not later is noted', () => {
  const timed = (name: string, from: number) => madeUp(50, { name, change: (record, i) => ({ ...record, time: (from + i) * day }) });
  expect(splitFindings(undefined, auditDataOf([timed('train', 0), timed('val', 50)]))).toEqual([]);
  const [finding] = splitFindings(undefined, auditDataOf([timed('train', 0), timed('val', 30)]));
  expect(finding).toMatchObject({ kind: 'time-overlap', level: 'info', count: 19 });
});
