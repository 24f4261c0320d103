import { describe, expect, test } from 'vitest';
import type { InTime } from './choose-batch.js';
import { inBackground } from './clients.js';
import { createBatchQueue, type Taken } from './queue.js';
import type { Waiting } from './waiting.js';

const batchLimits = { texts: 16, tokens: 1_024, overheadTokens: 10 };
const forecast = (inTime: InTime) => () => ({ inTime, mostTokens: batchLimits.tokens, overheadTokens: batchLimits.overheadTokens });
const wide = { texts: 1_000, tokens: 1e6 };
const wait = (tokens: number, payload: number, extra: Partial<Waiting<number>> = {}): Waiting<number> => ({
  lane: 'm',
  client: '',
  key: `text ${payload}`,
  tokens,
  arrived: 0,
  deadline: 1e9,
  alone: false,
  payload,
  ...extra,
});
const payloads = ({ batch }: Pick<Taken<number>, 'batch'>): readonly number[] =>
  batch.flatMap(({ entries }) => entries.map(({ payload }) => payload));

describe('room', () => {
  test('a request is taken whole or not at all', () => {
    const queue = createBatchQueue<number>({ texts: 3, tokens: 100 }, batchLimits);
    expect(queue.offer([wait(10, 1), wait(10, 2)])).toBe(true);
    expect(queue.offer([wait(10, 3), wait(10, 4)])).toBe(false);
    expect(queue.texts).toBe(2);
    expect(queue.offer([wait(90, 5)])).toBe(false);
    expect(queue.offer([wait(80, 6)])).toBe(true);
    expect(queue.tokens).toBe(100);
  });

  test('a single request over the token bound is let into an empty queue, for it could never be answered otherwise', () => {
    const queue = createBatchQueue<number>({ texts: 3, tokens: 100 }, batchLimits);
    expect(queue.offer([wait(500, 1)])).toBe(true);
  });

  test('no client fills the queue: there is always room for another', () => {
    const queue = createBatchQueue<number>({ texts: 100, tokens: 1e6 }, batchLimits);
    const fill = (client: string): number => {
      let accepted = 0;
      while (queue.offer([wait(5, queue.texts, { client })])) accepted++;
      return accepted;
    };
    expect(fill('greedy')).toBe(75);
    expect(fill('second')).toBeGreaterThan(10);
    expect(queue.offer([wait(5, 1_000, { client: 'small' })])).toBe(true);
  });

  test('a request of all the room there is goes into an empty queue', () => {
    const queue = createBatchQueue<number>({ texts: 10, tokens: 1e6 }, batchLimits);
    expect(queue.offer(Array.from({ length: 10 }, (_, i) => wait(5, i, { client: 'a' })))).toBe(true);
  });
});

describe('batches', () => {
  test('free workers share what waits', () => {
    const queue = createBatchQueue<number>(wide, batchLimits);
    queue.offer(Array.from({ length: 9 }, (_, i) => wait(10, i)));
    expect(queue.take(3).batch).toHaveLength(3);
    expect(queue.take(2).batch).toHaveLength(3);
    expect(queue.take(1).batch).toHaveLength(3);
    expect(queue.take(1)).toEqual({ batch: [], late: [] });
    expect([queue.texts, queue.tokens]).toEqual([0, 0]);
  });

  test('batches of the background are short, so that whoever comes meanwhile does not wait for long', () => {
    const queue = createBatchQueue<number>(wide, batchLimits);
    queue.offer(Array.from({ length: 16 }, (_, i) => wait(32, i, { client: inBackground('x') })));
    expect(queue.take(1).batch).toHaveLength(4); // 128 tokens, an eighth
    queue.offer(Array.from({ length: 16 }, (_, i) => wait(32, 20 + i, { client: 'x' })));
    expect(queue.take(1).batch).toHaveLength(16);
  });

  test('texts of different models never share a batch', () => {
    const queue = createBatchQueue<number>(wide, batchLimits);
    queue.offer([wait(10, 1), wait(10, 2, { lane: 'other' }), wait(10, 3)]);
    expect(payloads(queue.take(1))).toEqual([1, 3]);
    expect(payloads(queue.take(1))).toEqual([2]);
  });

  test('what was put back goes first, alone, even over the bounds', () => {
    const queue = createBatchQueue<number>({ texts: 2, tokens: 100 }, batchLimits);
    queue.offer([wait(10, 1), wait(10, 2)]);
    const failed = queue.take(1).batch.flatMap(({ entries }) => entries);
    queue.offer([wait(10, 3), wait(10, 4)]);
    queue.putBack(failed);
    expect(queue.texts).toBe(4);
    expect([1, 2, 3].map(() => payloads(queue.take(1)))).toEqual([[1], [2], [3, 4]]);
  });

  test('a text that several wait for is computed once, when the first of them is served', () => {
    const queue = createBatchQueue<number>(wide, { ...batchLimits, texts: 1 });
    queue.offer([wait(10, 1), wait(10, 2), wait(10, 3, { key: 'same' })]);
    queue.offer([wait(10, 4, { client: 'other', key: 'same' })]);
    expect([queue.texts, queue.tokens]).toEqual([4, 30]);
    expect([1, 2, 3].map(() => payloads(queue.take(1)))).toEqual([[1], [3, 4], [2]]);
    expect([queue.texts, queue.tokens]).toEqual([0, 0]);
  });
});

describe('leaving', () => {
  test('expired and removed entries leave, and free their room', () => {
    const queue = createBatchQueue<number>(wide, batchLimits);
    const entries = [50, 60, 70].map((deadline, i) => wait(10, i + 1, { deadline }));
    queue.offer(entries);
    expect(queue.expire(55).map(({ payload }) => payload)).toEqual([1]);
    queue.remove(entries.slice(2));
    expect([queue.texts, queue.tokens]).toEqual([1, 10]);
    expect(payloads(queue.take(1))).toEqual([2]);
  });

  test('one of several that wait for a text leaves, the others stay', () => {
    const queue = createBatchQueue<number>(wide, batchLimits);
    const mine = wait(10, 1, { key: 'same' });
    queue.offer([mine]);
    queue.offer([wait(10, 2, { key: 'same', client: 'other' })]);
    queue.remove([mine]);
    expect([queue.texts, queue.tokens]).toEqual([1, 10]);
    expect(payloads(queue.take(1))).toEqual([2]);
  });

  test('what comes too late is handed out apart from the batch, and does not run', () => {
    const queue = createBatchQueue<number>(wide, batchLimits);
    queue.offer([wait(10, 1, { deadline: 5 }), wait(12, 2, { deadline: 50 }), wait(300, 3, { deadline: 50 })]);
    const taken = queue.take(
      1,
      forecast((padded, deadline) => padded <= deadline),
    );
    expect(payloads(taken)).toEqual([2]);
    expect(taken.late.map(({ payload }) => payload)).toEqual([1]);
    expect(
      queue.take(
        1,
        forecast((padded, deadline) => padded <= deadline),
      ).late,
    ).toHaveLength(1);
    expect(queue.texts).toBe(0);
  });
});

describe('turns', () => {
  const one = { texts: 1, tokens: 1_024, overheadTokens: 10 };
  const order = (queue: ReturnType<typeof createBatchQueue<number>>): readonly string[] => {
    const clients: string[] = [];
    for (let { batch } = queue.take(1); batch[0]; { batch } = queue.take(1)) clients.push(batch[0].entries[0]!.client);
    return clients;
  };

  test('the texts of one client go in the order in which they came', () => {
    const queue = createBatchQueue<number>(wide, one);
    queue.offer([7, 3, 9, 3].map((tokens, i) => wait(tokens, i)));
    expect([1, 2, 3, 4].map(() => payloads(queue.take(1))[0])).toEqual([0, 1, 2, 3]);
  });

  test('two clients share by tokens, not by texts', () => {
    const queue = createBatchQueue<number>(wide, one);
    queue.offer(Array.from({ length: 6 }, (_, i) => wait(30, i, { client: 'long' })));
    queue.offer(Array.from({ length: 18 }, (_, i) => wait(10, 100 + i, { client: 'short' })));
    const half = order(queue).slice(0, 12);
    expect(half.filter((client) => client === 'short')).toHaveLength(9);
    expect(half.filter((client) => client === 'long')).toHaveLength(3);
  });

  test('clients that come anew all the time do not starve one with a list', () => {
    const queue = createBatchQueue<number>(wide, one);
    queue.offer(Array.from({ length: 5 }, (_, i) => wait(10, i, { client: 'list' })));
    const served: string[] = [];
    for (let i = 0; i < 60; i++) {
      queue.offer([wait(10, 100 + i, { client: `new-${i}` })]);
      served.push(queue.take(1).batch[0]!.entries[0]!.client);
    }
    expect(served.filter((client) => client === 'list')).toHaveLength(5);
  });

  test('a client that has had its turns starts again beside the others, with no credit from when it was away', () => {
    const queue = createBatchQueue<number>(wide, one);
    queue.offer(Array.from({ length: 20 }, (_, i) => wait(10, i, { client: 'a' })));
    for (let i = 0; i < 10; i++) queue.take(1);
    queue.offer(Array.from({ length: 10 }, (_, i) => wait(10, 100 + i, { client: 'b' })));
    expect(
      order(queue)
        .slice(0, 10)
        .filter((client) => client === 'b'),
    ).toHaveLength(5);
  });
});

test('whatever comes and goes, every entry leaves once, and nothing is left behind', () => {
  let state = 3;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const queue = createBatchQueue<number>({ texts: 300, tokens: 1e6 }, batchLimits);
  const inside = new Map<number, Waiting<number>>();
  const out = (entry: Waiting<number>): void => {
    expect(inside.delete(entry.payload)).toBe(true);
  };
  const inTime = (now: number) => (padded: number, deadline: number) => now + padded / 10 <= deadline;
  let next = 0;
  for (let now = 0; now < 4_000; now++) {
    const what = random(8);
    if (what < 3) {
      const client = `c${random(6)}`;
      const entries = Array.from({ length: 1 + random(8) }, () => {
        const tokens = 3 + random(30);
        const key = random(3) === 0 ? `shared ${tokens}` : `own ${next}`;
        return wait(tokens, next++, { client, key, lane: 'm', deadline: now + random(400) });
      });
      if (queue.offer(entries)) for (const entry of entries) inside.set(entry.payload, entry);
    } else if (what < 6) {
      const { batch, late } = queue.take(1 + random(3), forecast(inTime(now)));
      late.forEach(out);
      const taken = batch.flatMap(({ entries }) => entries);
      taken.forEach(out);
      if (random(6) === 0) {
        for (const entry of taken) inside.set(entry.payload, entry);
        queue.putBack(taken);
      }
    } else if (what < 7) queue.expire(now).forEach(out);
    else {
      const leaving = [...inside.values()].filter(() => random(20) === 0);
      queue.remove(leaving);
      leaving.forEach(out);
    }
    expect(queue.texts).toBe(inside.size);
    const waiting = new Map([...inside.values()].map(({ key, tokens }) => [key, tokens]));
    expect(queue.tokens).toBe([...waiting.values()].reduce((sum, tokens) => sum + tokens, 0));
    const ahead = [...queue.ahead('c0', Number.POSITIVE_INFINITY).values()];
    expect(ahead.reduce((sum, { tokens }) => sum + tokens, 0)).toBeCloseTo(queue.tokens, 6);
  }
  expect(next).toBeGreaterThan(4_000);
});
