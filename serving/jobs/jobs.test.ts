import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { toVerdict, type VerdictRules } from '../../models/index.js';
import type { Reply, ServedModel } from '../desk/index.js';
import { ServiceError } from '../protocol/index.js';
import { answerTexts } from './answer-texts.js';
import type { JobRecord } from './job.js';
import { createJobs, type Jobs, type JobsDeps } from './jobs.js';
import { pay } from './local-answers.js';
import { createPace } from './pace.js';
import type { JobChunk } from './run-job.js';

const rules: VerdictRules = { name: 'm', version: '1', labels: ['a', 'b'], activation: 'softmax', temperature: 1, policy: { labels: {} } };
const model = { key: 'm@1', manifest: { ...rules, text: { input: 'any' } } } as unknown as ServedModel;
const verdict = toVerdict(rules, [1, 0]);

let folder: string;
let today: number;
const running: Jobs[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-jobs-'));
  today = Date.parse('2026-03-01T00:00:00Z');
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((jobs) => jobs.close()));
  await rm(folder, { recursive: true });
});

async function open(deps: Partial<JobsDeps> = {}): Promise<Jobs> {
  const jobs = await createJobs({
    options: { folder, days: 7, atOnce: 2, perClient: 3 },
    jobBytes: 10_000,
    today: () => today,
    catalogue: { find: () => model },
    use: () => () => {},
    answer: async ({ rows }) => rows.map(() => verdict),
    ahead: 2,
    chunk: { rows: 4 },
    characters: 100,
    on: { lines: () => {}, ended: () => {} },
    log: { info: () => {}, error: () => {} },
    now: () => performance.now(),
    ...deps,
  });
  running.push(jobs);
  jobs.start();
  return jobs;
}

const request = { client: 'desk', model: 'm@1', content: 'text', format: 'jsonl', fields: {} } as const;
async function* body(...chunks: readonly string[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}
const stateOf = (jobs: Jobs, id: string, state: string, client = 'desk') =>
  vi.waitFor(() => expect(jobs.find(client, id).state).toBe(state), { interval: 2 });

/** Never answers. */
const untilEnded: JobsDeps['answer'] = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

/** A job that was sent before this server started. */
async function laid(id: string, more: Partial<JobRecord> = {}, texts = 'one\ntwo\n'): Promise<string> {
  const record = { schema: 1, id, ...request, sha256: '', bytes: 8, lines: 2, state: 'queued', created: '2026-02-01T00:00:00.000Z', done: 0, bad: 0, ...more }; // biome-ignore format: one record
  await mkdir(join(folder, id));
  await writeFile(join(folder, id, 'texts'), texts);
  await writeFile(join(folder, id, 'job.json'), JSON.stringify(record));
  return id;
}
const [one, two, three] = ['1', '2', '3'].map((digit) => `00000000-0000-4000-8000-00000000000${digit}`) as [string, string, string];

describe('when things go wrong', () => {
  test('a full disk fails the job and gives the space back; the next one is answered', async () => {
    await laid(one);
    await symlink('/dev/full', join(folder, one, 'result.partial'));
    const jobs = await open();
    await stateOf(jobs, one, 'failed');
    expect(jobs.find('desk', one).problem).toBe('the server has no room for the answers (ENOSPC)');
    await vi.waitFor(async () => expect((await readdir(join(folder, one))).sort()).toEqual(['job.json', 'texts']), { interval: 2 });
    const { job } = await jobs.create(request, body('three\n'));
    await stateOf(jobs, job.id, 'done');
  });

  test('a file for which there is no room is refused, and nothing of it stays', async () => {
    const full = async function* () {
      yield Buffer.from('text\n');
      throw Object.assign(new Error('write'), { code: 'ENOSPC' });
    };
    const jobs = await open();
    await expect(jobs.create(request, full())).rejects.toMatchObject({ code: 'storage-full' });
    await expect(jobs.create(request, body('x'.repeat(6_000), 'x'.repeat(6_000)))).rejects.toMatchObject({ code: 'body-too-large' });
    expect([jobs.list('desk'), await readdir(folder)]).toEqual([[], []]);
  });

  test('what was only half received when the server died is swept away', async () => {
    await mkdir(join(folder, one));
    await writeFile(join(folder, one, 'texts'), 'half');
    await mkdir(join(folder, 'not ours'));
    await open();
    expect(await readdir(folder)).toEqual(['not ours']);
  });

  test('a model that is gone, a fault of ours: the job fails and says no more than it may', async () => {
    await laid(one);
    const gone = await open({ catalogue: { find: () => { throw new ServiceError('unknown-model', 'there is no model', ''); } } }); // biome-ignore format: one thing
    await stateOf(gone, one, 'failed');
    expect(gone.find('desk', one).problem).toBe('the model is no longer served');
    await laid(two);
    const broken = await open({ answer: async () => Promise.reject(new TypeError('secret text')) });
    await stateOf(broken, two, 'failed');
    expect(broken.find('desk', two).problem).toBe('something went wrong in the server (TypeError)');
  });
});

test('jobs that have ended are erased after their days, those that have not stay', async () => {
  await laid(one, { state: 'done', ended: '2026-02-21T23:00:00.000Z' });
  await laid(two, { state: 'done', ended: '2026-02-22T01:00:00.000Z' });
  await laid(three, { state: 'running', started: '2026-02-01T00:00:00.000Z' });
  const jobs = await open({ answer: untilEnded });
  expect(jobs.list('desk').map(({ id }) => id).sort()).toEqual([two, three]); // biome-ignore format: one line
  await vi.waitFor(async () => expect(await readdir(folder)).not.toContain(one), { interval: 2 });
});

test('clients take turns: one with many jobs does not keep another waiting', async () => {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const answer = ({ job, rows }: JobChunk) =>
    new Promise<(typeof verdict)[]>((resolve) => {
      asked.push(job.client);
      answers.push(() => resolve(rows.map(() => verdict)));
    });
  await laid(one, { client: 'many', created: '2026-02-01T00:00:00.000Z' });
  await laid(two, { client: 'many', created: '2026-02-01T00:00:01.000Z' });
  await laid(three, { client: 'few', created: '2026-02-01T00:00:02.000Z' });
  const jobs = await open({ answer });
  await vi.waitFor(() => expect(asked.length).toBe(2), { interval: 2 });
  expect(asked.sort()).toEqual(['few', 'many']);
  for (const [id, client] of [
    [one, 'many'],
    [three, 'few'],
    [two, 'many'],
  ] as const) {
    // biome-ignore format: one table
    await vi.waitFor(() => { for (const give of answers.splice(0)) give(); expect(jobs.find(client, id).state).toBe('done'); }, { interval: 2 }); // biome-ignore format: one thing
  }
});

test('a client may have so many jobs that have not ended', async () => {
  const jobs = await open({
    answer: ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  });
  for (let i = 0; i < 3; i++) await jobs.create(request, body('text\n'));
  await expect(jobs.create(request, body('text\n'))).rejects.toMatchObject({ code: 'too-many-jobs' });
  await jobs.create({ ...request, client: 'other' }, body('text\n'));
});

test('texts that are too long, or on which the model fails, are put aside; the others are answered', async () => {
  const jobs = await open({ answer: async ({ rows }) => rows.map(({ text }) => (text === 'poison' ? undefined : verdict)) });
  const { job } = await jobs.create(request, body(`good\n${'x'.repeat(101)}\npoison\nfine\n`));
  await stateOf(jobs, job.id, 'done');
  expect(jobs.find('desk', job.id)).toMatchObject({ done: 4, lines: 4, errors: 2 });
});

describe('asking the desk', () => {
  const reply = (texts: readonly unknown[]): Reply => ({
    verdicts: texts.map(() => verdict),
    logits: texts.map((text) => Float32Array.of(Number(text), 0)),
    tokens: [],
    timings: { tokenizeMs: 0, queueMs: 0, inferMs: 0 },
  });
  const ask = (desk: Parameters<typeof answerTexts>[0], count: number) =>
    answerTexts(
      desk,
      { model, client: 'desk', texts: Array.from({ length: count }, (_, i) => String(i)), signal: new AbortController().signal },
      async () => {},
    );

  test('what is refused for a while is asked again, in the background; the answers are in their order', async () => {
    let refusals = 5;
    const backgrounds = new Set<unknown>();
    const answers = await ask({
      ask: async ({ texts, background }) => {
        backgrounds.add(background);
        if (refusals-- > 0) throw new ServiceError(refusals % 2 ? 'queue-full' : 'deadline-exceeded', '', '');
        return reply(texts);
      },
    }, 200); // biome-ignore format: one call
    expect(answers.map((answer) => answer?.logits[0])).toEqual([...Array(200).keys()]);
    expect([...backgrounds]).toEqual([true]);
  });

  test('one text that breaks the model costs its neighbours nothing', async () => {
    const answers = await ask({
      ask: async ({ texts }) => {
        if (texts.includes('37')) throw new ServiceError('model-failed', '', '');
        return reply(texts);
      },
    }, 100); // biome-ignore format: one call
    expect(answers.flatMap((answer, i) => (answer ? [] : [i]))).toEqual([37]);
  });

  test('what does not pass by itself ends it', async () => {
    await expect(ask({ ask: () => Promise.reject(new ServiceError('draining', '', '')) }, 100)).rejects.toMatchObject({ code: 'draining' });
  });

  test('a client whose quota is used up waits, and the job says so', async () => {
    const stop = new AbortController();
    const told: (string | undefined)[] = [];
    const chunk = { job: { client: 'desk' }, rows: [{}], signal: stop.signal, report: (problem?: string) => { told.push(problem); stop.abort(); } } as unknown as JobChunk; // biome-ignore format: one chunk
    const charge = () => { throw new ServiceError('quota-exceeded', 'the quota is 5 texts a day', '', { 'retry-after': '4000' }); }; // biome-ignore format: one thing
    await expect(pay(chunk, charge)).rejects.toThrow();
    expect(told).toEqual(['it waits: the quota is 5 texts a day']);
  });
});

test('the pace is that of the last minute', () => {
  let now = 0;
  const pace = createPace(() => now);
  expect(pace.secondsFor(100)).toBeUndefined();
  for (const [at, done] of [
    [0, 0],
    [10_000, 100],
    [70_000, 700],
    [130_000, 6_700],
  ] as const) {
    // biome-ignore format: one table
    now = at;
    pace.mark(done);
  }
  expect(pace.secondsFor(1_000)).toBe(10);
});
