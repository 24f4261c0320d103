import { expect, test } from 'vitest';
import { less, processorTime } from './processor-time.js';

test.skipIf(process.platform !== 'linux')('what this process works is counted', () => {
  const before = processorTime(process.pid);
  const until = process.cpuUsage().user + 50_000;
  while (process.cpuUsage().user < until);
  const { first, others } = less(processorTime(process.pid), before);
  expect(first + others).toBeGreaterThan(25);
});

test('of a process that is not there nothing is known', () => {
  expect(processorTime(undefined)).toEqual({ first: 0, others: 0 });
  expect(processorTime(2 ** 30)).toEqual({ first: 0, others: 0 });
});
