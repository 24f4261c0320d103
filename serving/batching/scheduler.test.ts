import { expect, test } from 'vitest';
import { createScheduler, type Prospect } from './scheduler.js';
import type { Waiting } from './waiting.js';

const batchLimits = { texts: 8, tokens: 1_000, overheadTokens: 10 };
const prospect = (extra: Partial<Prospect>): Prospect => {
  return { lane: 'm', client: 'a', texts: 1, tokens: 90, longest: 90, deadline: 1e9, ...extra };
};
let texts = 0;
const wait = (deadline: number, client = 'a', tokens = 90): Waiting<string> => {
  return { lane: 'm', client, key: String(texts++), tokens, arrived: 0, deadline, alone: false, payload: client };
};

/** One worker that has run twenty batches of 90 tokens, each in 100 ms; the last ended at 0. A second batch runs since 0. */
function experienced() {
  const scheduler = createScheduler<string>({ texts: 100, tokens: 1e6 }, batchLimits);
  const staff = { workers: 1, free: 0 };
  for (let i = 20; i > 0; i--) {
    expect(scheduler.offer([wait(1e9)], -100 * i, { workers: 1, free: 1 })).toBeUndefined();
    scheduler.ended(scheduler.take(-100 * i, 1).running!, -100 * (i - 1), 'done');
  }
  scheduler.offer([wait(1e9)], 0, { workers: 1, free: 1 });
  const { running } = scheduler.take(0, 1);
  return { scheduler, staff, running: running! };
}

test('what was measured decides what is taken on: in time behind others, too late behind others, too late even alone', () => {
  const { scheduler, staff } = experienced();
  expect(scheduler.objection(prospect({ deadline: 250 }), 0, staff)).toBeUndefined();
  expect(scheduler.objection(prospect({ deadline: 150 }), 0, staff)).toMatchObject({ kind: 'busy', waitMs: expect.closeTo(55, -1) });
  expect(scheduler.objection(prospect({ deadline: 50 }), 0, staff)).toMatchObject({ kind: 'hopeless', needMs: expect.closeTo(105, -1) });
});

test('a client does not wait for what is served after its turn', () => {
  const { scheduler, staff } = experienced();
  for (let i = 0; i < 20; i++) expect(scheduler.offer([wait(1e9, 'flood')], 0, staff)).toBeUndefined();
  expect(scheduler.objection(prospect({ client: 'flood', deadline: 1_000 }), 0, staff)).toMatchObject({ kind: 'busy' });
  expect(scheduler.objection(prospect({ client: 'single', deadline: 1_000 }), 0, staff)).toBeUndefined();
});

test('more workers take on more', () => {
  const { scheduler } = experienced();
  for (let i = 0; i < 10; i++) scheduler.offer([wait(1e9)], 0, { workers: 1, free: 0 });
  expect(scheduler.objection(prospect({ deadline: 700 }), 0, { workers: 1, free: 0 })).toMatchObject({ kind: 'busy' });
  expect(scheduler.objection(prospect({ deadline: 700 }), 0, { workers: 4, free: 0 })).toBeUndefined();
});

test('a full queue says when it will be empty', () => {
  const { scheduler, staff } = experienced();
  for (let i = 0; i < 20; i++) scheduler.offer([wait(1e9)], 0, staff);
  const objection = scheduler.objection(prospect({ client: '', texts: 90 }), 0, staff);
  expect(objection).toMatchObject({ kind: 'full' });
  expect(objection).toMatchObject({ waitMs: scheduler.backlogMs(0, staff) });
  expect(scheduler.backlogMs(0, staff)).toBeGreaterThan(1_500);
});

test('a batch is shed before it runs when it could not end in time, and its turn goes to the next', () => {
  const { scheduler, staff, running } = experienced();
  scheduler.offer([wait(220)], 0, staff);
  scheduler.offer([wait(900)], 0, staff);
  scheduler.ended(running, 150, 'done');
  const { running: next, late } = scheduler.take(150, 1);
  expect(late.map(({ deadline }) => deadline)).toEqual([220]);
  expect(next?.work.map(({ deadline }) => deadline)).toEqual([900]);
});

test('an idle server tries what it thinks impossible, so that a wrong measurement does not shut it for good', () => {
  const { scheduler, running } = experienced();
  scheduler.ended(running, 100, 'done');
  const idle = { workers: 1, free: 1 };
  expect(scheduler.offer([wait(5_050)], 5_000, idle)).toBeUndefined();
  expect(scheduler.take(5_000, 1).running).toBeDefined();
});

test('what another waits for already is taken on without a forecast: it costs nothing', () => {
  const { scheduler, staff } = experienced();
  const first = wait(1e9, 'first');
  scheduler.offer([first], 0, staff);
  expect(scheduler.offer([{ ...wait(120, 'second'), key: first.key }], 0, staff)).toBeUndefined();
  expect(scheduler.offer([wait(120, 'second')], 0, staff)).toMatchObject({ kind: 'busy' });
});
