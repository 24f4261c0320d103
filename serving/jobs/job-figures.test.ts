import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { toVerdict, type VerdictRules } from '../../models/index.js';
import type { ServedModel } from '../desk/index.js';
import { createJobs, type Jobs, type JobsDeps } from './jobs.js';
import type { JobChunk } from './run-job.js';

const rules: VerdictRules = { name: 'm', version: '1', labels: ['a', 'b'], activation: 'softmax', temperature: 1, policy: { labels: {} } };
const model = { key: 'm@1', manifest: { ...rules, text: { input: 'any' } } } as unknown as ServedModel;
const verdict = toVerdict(rules, [1, 0]);
const request = { client: 'desk', model: 'm@1', content: 'text', format: 'jsonl', fields: {} } as const;

let folder: string;
let now: number;
let today: number;
let jobs: Jobs;
let told: string[];
let asked: JobChunk[];
let answers: (() => void)[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-figures-'));
  [now, today, told, asked, answers] = [1_000, Date.parse('2026-03-01T00:00:00Z'), [], [], []];
  jobs = await open();
});
afterEach(async () => {
  await jobs.close();
  await rm(folder, { recursive: true });
});

/** Answers a chunk of two texts when it is told to. */
async function open(): Promise<Jobs> {
  const deps: JobsDeps = {
    options: { folder, days: 7, atOnce: 1, perClient: 9 },
    jobBytes: 1_000,
    today: () => today,
    catalogue: { find: () => model },
    use: () => () => {},
    answer: (chunk) =>
      new Promise((resolve, reject) => {
        asked.push(chunk);
        answers.push(() => resolve(chunk.rows.map(({ text }) => (text === 'poison' ? undefined : verdict))));
        chunk.signal.addEventListener('abort', () => reject(chunk.signal.reason));
      }),
    ahead: 1,
    chunk: { rows: 2 },
    characters: 100,
    on: {
      lines: (outcome, count) => { if (count > 0) told.push(`${outcome} ${count}`); }, // biome-ignore format: one thing
      ended: (state) => void told.push(state),
    },
    log: { info: () => {}, error: () => {} },
    now: () => now,
  };
  const opened = await createJobs(deps);
  opened.start();
  return opened;
}

async function send(text: string): Promise<string> {
  async function* body(): AsyncGenerator<Buffer> {
    yield Buffer.from(text);
  }
  return (await jobs.create(request, body())).job.id;
}
const reached = (chunks: number) => vi.waitFor(() => expect(asked.length).toBe(chunks), { interval: 2 });
const none = { queued: 0, running: 0, done: 0, failed: 0, cancelled: 0 };

test('jobs are counted by state, lines by what became of them', async () => {
  expect(jobs.figures()).toEqual({ states: none, oldestQueued: 0, longestStill: 0 });
  const [first, second] = [await send('one\npoison\nthree\n'), await send('four\n')];
  await reached(1);
  today += 90_000;
  expect(jobs.figures()).toMatchObject({ states: { ...none, running: 1, queued: 1 }, oldestQueued: 90 });
  answers[0]!();
  await reached(2);
  expect(told).toEqual(['answered 1', 'aside 1']);
  answers[1]!();
  await reached(3);
  expect(jobs.figures()).toMatchObject({ states: { ...none, running: 1, done: 1 }, oldestQueued: 0 });
  await jobs.cancel('desk', second);
  await jobs.remove('desk', first);
  expect(told).toEqual(['answered 1', 'aside 1', 'answered 1', 'done', 'cancelled']);
  expect(jobs.figures().states).toEqual({ ...none, cancelled: 1 });
});

test('a job stands still from its last line on; one that waits for its own client does not', async () => {
  await send('one\ntwo\nthree\n');
  await reached(1);
  now += 60_000;
  expect(jobs.figures().longestStill).toBe(60);
  answers[0]!();
  await reached(2);
  expect(jobs.figures().longestStill).toBe(0);
  now += 40_000;
  asked[1]!.report('no worker has the model');
  expect(jobs.figures().longestStill).toBe(40);
  asked[1]!.report('it waits: the quota is used up', 'client');
  expect(jobs.figures().longestStill).toBe(0);
});

test('what was done before a restart is not counted again, and waits as queued until it is taken up', async () => {
  await send('one\ntwo\nthree\n');
  await send('four\n');
  await reached(1);
  answers[0]!();
  await reached(2);
  await jobs.close();
  jobs = await open();
  expect(jobs.figures().states).toEqual({ ...none, running: 1, queued: 1 });
  await reached(3);
  answers[2]!();
  await vi.waitFor(() => expect(told).toContain('done'), { interval: 2 });
  expect(told).toEqual(['answered 2', 'answered 1', 'done']);
});
