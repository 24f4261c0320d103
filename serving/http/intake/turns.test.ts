import { expect, test } from 'vitest';
import type { ServiceError } from '../../protocol/index.js';
import { createTurns } from './turns.js';

/** A clock that stands still, but for the work that is done. */
function workshop(options: { sliceMs: number; calmMs?: number; mostMs?: number; fewest?: number }) {
  let clock = 0;
  let rounds = 0;
  const done: { name: number; round: number }[] = [];
  const turns = createTurns({ now: () => clock, ...options });
  const count = (): void => {
    rounds++;
    if (rounds < 100) setImmediate(count);
  };
  setImmediate(count);
  const job = async (name: number, ms: number): Promise<void> => {
    await turns.take();
    await undefined; // what goes on at once is of the same turn
    clock += ms;
    done.push({ name, round: rounds });
  };
  return { job, done };
}

test('a round of the event loop does as much as its slice, in the order of coming', async () => {
  const { job, done } = workshop({ sliceMs: 2 });
  await Promise.all(Array.from({ length: 10 }, (_, i) => job(i, 1)));
  expect(done.map(({ name }) => name)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const byRound = done.map(({ round }) => round);
  for (const round of new Set(byRound)) expect(byRound.filter((one) => one === round)).toHaveLength(2);
});

test('a job longer than the slice has a round to itself', async () => {
  const { job, done } = workshop({ sliceMs: 2 });
  await Promise.all([job(0, 50), job(1, 50), job(2, 50)]);
  expect(new Set(done.map(({ round }) => round)).size).toBe(3);
});

test('in a long line the latest comes first, until it is short again', async () => {
  const { job, done } = workshop({ sliceMs: 2, calmMs: 10 });
  for (let i = 0; i < 200; i++) await job(i, 1); // what a turn costs is learnt: about 1 ms
  await Promise.all(Array.from({ length: 30 }, (_, i) => job(1_000 + i, 1)));
  const order = done.slice(200).map(({ name }) => name - 1_000);
  expect(order.slice(0, 15)).toEqual(Array.from({ length: 15 }, (_, i) => 29 - i));
  expect(order.slice(-8)).toEqual([...order.slice(-8)].sort((a, b) => a - b));
});

test('from a line that would take too long those who waited longest are sent away, with the time to come again', async () => {
  const { job, done } = workshop({ sliceMs: 2, mostMs: 10, fewest: 5 });
  for (let i = 0; i < 200; i++) await job(i, 1);
  const outcomes = await Promise.allSettled(Array.from({ length: 30 }, (_, i) => job(1_000 + i, 1)));
  const refused = outcomes.findIndex(({ status }) => status === 'fulfilled');
  expect(refused).toBeGreaterThan(15);
  expect(refused).toBeLessThan(23);
  expect(outcomes.slice(refused).every(({ status }) => status === 'fulfilled')).toBe(true);
  for (const outcome of outcomes.slice(0, refused)) {
    const { code, headers } = (outcome as PromiseRejectedResult).reason as ServiceError;
    expect([code, headers['retry-after']]).toEqual(['queue-full', '1']);
  }
  await job(2_000, 1);
  expect(done.at(-1)!.name).toBe(2_000);
});

test('a few in line are not sent away, however long a turn takes', async () => {
  const { job, done } = workshop({ sliceMs: 2, mostMs: 10, fewest: 30 });
  await job(0, 1_000);
  await Promise.all(Array.from({ length: 30 }, (_, i) => job(i + 1, 1_000)));
  expect(done).toHaveLength(31);
  const outcomes = await Promise.allSettled(Array.from({ length: 31 }, (_, i) => job(i, 1_000)));
  expect(outcomes.map(({ status }) => status).filter((one) => one === 'rejected')).toHaveLength(1);
});
