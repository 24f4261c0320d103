import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LabelVerdict } from '../../models/index.js';
import { reviewOptionsSchema } from './options.js';
import { openReviewBook } from './review-book.js';
import { createReviewStore } from './review-store.js';
import type { StoreFault } from './store-fault.js';

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-review-'));
});
afterAll(() => rm(folder, { recursive: true }));
const fresh = (): string => join(folder, `${++count}.db`);

const verdict: LabelVerdict = {
  label: 'clickbait',
  score: 0.7,
  scores: { clickbait: 0.7, news: 0.3 },
  decision: 'review',
  threshold: 0.5,
  decidedBy: 'clickbait',
  rule: { kind: 'none' },
  model: 'sample',
  version: 'v1',
};

async function start(file = fresh(), more: object = {}) {
  const changes: (StoreFault['reason'] | 'up')[] = [];
  const held: Record<string, number> = {};
  const erased: [string, number][] = [];
  const clock = { now: Date.parse('2026-03-01T12:00:00.000Z') };
  const store = await createReviewStore(reviewOptionsSchema.parse({ file, waitMs: 10_000, ...more }), {
    now: () => clock.now,
    on: {
      held: (outcome, n) => {
        held[outcome] = (held[outcome] ?? 0) + n;
      },
      changed: (fault) => void changes.push(fault?.reason ?? 'up'),
      erased: (cause, n) => void erased.push([cause, n]),
      figures: () => {},
    },
  });
  const hold = (...texts: string[]) => store.hold(texts.map((text) => ({ text, verdict, client: 'wire' })));
  const texts = async () => (await store.ask('list', { limit: 200 })).items.map(({ text }) => text);
  return { file, store, hold, texts, changes, held, erased, clock };
}

test('texts that come while others are being written are written together, and all are told when they are', async () => {
  const { store, hold, held, texts } = await start();
  const all = await Promise.all(Array.from({ length: 150 }, (_, i) => hold(`text ${i}`)));
  expect(all.flat().every(({ queued }) => queued)).toBe(true);
  expect(held).toEqual({ queued: 150 });
  expect(await texts()).toHaveLength(150);
  await store.close();
});

test('what is asked before the store closes is carried out', async () => {
  const { file, store, hold } = await start();
  const [answers] = await Promise.all([Promise.all(['a', 'b', 'c'].map((text) => hold(text))), store.close()]);
  expect(answers.flat().every(({ queued }) => queued)).toBe(true);
  const book = openReviewBook(file, { items: 9, megabytes: 9, busyMs: 9 });
  expect(book.ask('figures', {}, 0).open).toBe(3);
  book.close();
});

test('erased on request, or when its time is over: out of the tables and out of the files', async () => {
  const { file, store, hold, erased, clock, texts } = await start(undefined, { days: 2 });
  const bytes = async () => (await Promise.all([file, `${file}-wal`].map((path) => readFile(path, 'latin1').catch(() => '')))).join('');
  await hold('the first secret', 'the second secret');
  expect(await store.erase({ text: 'the first secret' })).toEqual({ erased: 1, cleaned: true });
  expect(await bytes()).not.toContain('the first secret');
  const hours = 3_600_000;
  clock.now += 12 * hours;
  await hold('the third secret');
  clock.now += 12 * hours;
  await hold('another');
  await store.sweep();
  expect(await texts()).toHaveLength(3);
  clock.now += 24 * hours + 1;
  await store.sweep();
  expect(await texts()).toEqual(['the third secret', 'another']);
  expect(await bytes()).not.toContain('the second secret');
  clock.now += 12 * hours;
  await store.sweep();
  expect(await texts()).toEqual(['another']);
  // The file was rebuilt less than a day ago; it is again when that day is over, though nothing more is erased then.
  expect(await bytes()).toContain('the third secret');
  clock.now += 11.9 * hours;
  await store.sweep();
  expect(await bytes()).toContain('the third secret');
  await hold('another');
  clock.now += 0.2 * hours;
  await store.sweep();
  expect(await bytes()).not.toContain('the third secret');
  expect(erased).toEqual([
    ['request', 1],
    ['age', 1],
    ['age', 1],
  ]);
  await store.close();
});

test('whatever was said to be kept is there after kill -9', { timeout: 60_000 }, async () => {
  const file = fresh();
  const child = spawn(process.execPath, ['--import', 'tsx', new URL('testing/keep-writing.ts', import.meta.url).pathname, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    said.push(...lines);
    if (said.length >= 300) child.kill('SIGKILL');
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  const book = openReviewBook(file, { items: 100_000, megabytes: 64, busyMs: 1_000 });
  const there = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = book.ask('list', { limit: 200, ...(cursor === undefined ? {} : { cursor }) }, 0);
    for (const { id } of page.items) there.add(id);
    cursor = page.next;
  } while (cursor !== undefined);
  book.close();
  expect(said.length).toBeGreaterThanOrEqual(300);
  expect(said.filter((id) => !there.has(id))).toEqual([]);
});

describe('faults are told, and get over', () => {
  test('another process that writes for longer than is waited for', async () => {
    const { file, store, hold, changes, held } = await start(undefined, { waitMs: 200 });
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    expect(await hold('a')).toEqual([{ queued: false, reason: 'late' }]);
    await expect(store.suggest({ text: 'a', model: 'm@1', label: 'x' })).rejects.toMatchObject({
      code: 'store-unavailable',
      message: expect.stringMatching(/another process/),
    });
    expect([store.up(), changes]).toEqual([false, ['up', 'busy']]);
    other.exec('COMMIT');
    other.close();
    await expect.poll(async () => (await hold('b'))[0]?.queued).toBe(true);
    expect([store.up(), changes.at(-1)]).toEqual([true, 'up']);
    expect(held.late).toBeGreaterThan(0);
    await store.close();
  });

  test('no room on the disk', async () => {
    const { store, hold, changes, texts } = await start(undefined, { megabytes: 1 });
    expect(await hold('small', 'large '.repeat(250_000))).toEqual(Array(2).fill({ queued: false, reason: 'full' }));
    expect([store.up(), changes]).toEqual([false, ['up', 'full']]);
    expect(await hold('small')).toMatchObject([{ queued: true }]);
    expect([store.up(), await texts()]).toEqual([true, ['small']]);
    await store.close();
  });

  test('a file that was removed: the next text begins a new one', async () => {
    const { file, store, hold, changes, texts } = await start();
    await hold('a');
    for (const path of [file, `${file}-wal`, `${file}-shm`]) await rm(path);
    expect(await hold('b')).toEqual([{ queued: false, reason: 'unavailable' }]);
    expect(await hold('c')).toMatchObject([{ queued: true }]);
    expect([await texts(), changes]).toEqual([['c'], ['up', 'gone', 'up']]);
    await store.close();
  });

  test('a folder that was taken away and comes back', async () => {
    const { mkdir } = await import('node:fs/promises');
    const inside = join(folder, 'mount');
    await mkdir(inside);
    const { store, hold, changes } = await start(join(inside, 'desk.db'));
    await hold('a');
    await rename(inside, `${inside}-away`);
    for (const text of ['b', 'c']) expect(await hold(text)).toEqual([{ queued: false, reason: 'unavailable' }]);
    await rename(`${inside}-away`, inside);
    expect(await hold('d')).toMatchObject([{ queued: true }]);
    expect(changes).toEqual(['up', 'gone', 'up']);
    await store.close();
  });

  test('a damaged file at the start: the server starts without a queue, and has one when the file is put right', async () => {
    const file = fresh();
    await writeFile(file, 'no database '.repeat(1_000));
    const { store, hold, changes } = await start(file);
    expect([store.up(), changes]).toEqual([false, ['corrupt']]);
    expect(await hold('a')).toEqual([{ queued: false, reason: 'unavailable' }]);
    await rm(file);
    expect(await hold('a')).toMatchObject([{ queued: true }]);
    expect(changes).toEqual(['corrupt', 'up']);
    await store.close();
  });

  test('a path that is wrong, or a file of a newer version: the server does not start', async () => {
    await expect(start(join(folder, 'no', 'desk.db'))).rejects.toThrow(/^review: the folder .*no is not there\. Fix: make it/);
    const file = fresh();
    new Database(file).pragma('user_version = 99');
    await expect(start(file)).rejects.toThrow(/newer copydesk/);
  });
});
