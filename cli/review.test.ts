import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningServer, startServer } from '../serving/index.js';
import { writeSampleBundle } from '../serving/testing/sample-bundle.js';
import { copydesk } from './testing/copydesk.js';

let folder: string;
let models: string;
let file: string;
let server: RunningServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-review-'));
  file = join(folder, 'desk.db');
  models = await writeSampleBundle({ manifest: { policy: { labels: { clickbait: { review: 0, block: null } } } } });
  server = await startServer({ models: [models], port: 0, workers: 1, logLevel: 'silent', page: '/nowhere', review: { file } });
});
afterAll(async () => {
  await server.close();
  for (const made of [folder, models]) await rm(made, { recursive: true });
});

const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
};

test('held by a server, decided by a reviewer, exported, trained on', { timeout: 120_000 }, async () => {
  const texts = Array.from({ length: 24 }, (_, i) =>
    i % 2 === 0 ? `The council voted on repair number ${i}` : `You will never guess secret number ${i}`,
  );
  const { results } = (await post('/classify', { texts })) as { results: { review: { id: string } }[] };
  for (const [i, { review }] of results.entries())
    await post(`/review/${review.id}/decision`, { action: i % 2 === 0 ? 'publish' : 'block', label: i % 2 === 0 ? 'news' : 'clickbait' });
  await post('/classify', { text: 'Nobody has decided on this one' });
  await post('/feedback', { text: 'A ferry runs again', label: 'news', note: 'a reader wrote' });

  const { code, stdout, stderr } = await copydesk(['review', 'export', file]);
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^25 lines/)]);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(rows[0]).toMatchObject({ text: texts[0], label: 'news', source: 'review', action: 'publish', client: '127.0.0.1' });
  expect(rows.at(-1)).toMatchObject({ text: 'A ferry runs again', label: 'news', source: 'feedback', note: 'a reader wrote' });

  const data = join(folder, 'more.jsonl');
  await writeFile(data, stdout);
  const config = {
    name: 'again',
    data: { train: 'more.jsonl' },
    text: { maxTokens: 16 },
    model: { kind: 'bert', width: 16, layers: 1, heads: 2, intermediate: 32, vocabularySize: 200 },
    training: { epochs: 1, batchSize: 8 },
  };
  await writeFile(join(folder, 'train.json'), JSON.stringify(config));
  const trained = await copydesk(['train', join(folder, 'train.json'), '--run', join(folder, 'run')]);
  expect([trained.code, trained.stderr]).toEqual([0, expect.anything()]);
  expect(existsSync(join(folder, 'run', 'report.html'))).toBe(true);
});

test('counts what is in the file while the server runs', async () => {
  const { code, stdout } = await copydesk(['review', 'stats', file, '--json']);
  expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ open: 1, decided: 24, labelled: 24, feedback: 1 })]);
  expect((await copydesk(['review', 'stats', file])).stdout).toMatch(/^wait for a reviewer {9}1\n/);
});

test('erases from the file of a running server, which goes on', async () => {
  const secret = 'the name of a reader';
  await post('/classify', { text: secret });
  expect(await copydesk(['review', 'erase', file, '--text', '-'], { stdin: `${secret}\n` })).toMatchObject({ code: 0, stdout: '1\n' });
  const bytes = await Promise.all([file, `${file}-wal`].map((path) => readFile(path, 'latin1').catch(() => '')));
  expect(bytes.join('')).not.toContain(secret);
  expect(await copydesk(['review', 'erase', file, '--older-than', '1'])).toMatchObject({ code: 0, stdout: '0\n' });
  expect(await post('/classify', { text: 'the next one' })).toMatchObject({ review: { queued: true } });
  expect(await copydesk(['review', 'erase', file, '--client', '127.0.0.1'])).toMatchObject({ code: 0, stdout: '27\n' });
});

test.each<[string, number, readonly string[], RegExp]>([
  [
    'a file that is not there',
    1,
    ['stats', 'nowhere.db'],
    /nowhere\.db: there is no such file\. Fix: name the file of copydesk serve --review/,
  ],
  ['a file of something else', 1, ['stats', 'package.json'], /not a database \(corrupt\)\. Fix: check that it is the file/],
  ['nothing to erase', 2, ['erase', 'FILE'], /one of --id, --text, --client and --older-than/],
  ['two things to erase', 2, ['erase', 'FILE', '--id', 'a', '--client', 'b'], /one thing/],
  ['days that are none', 2, ['erase', 'FILE', '--older-than', 'x'], /no number of days/],
  ['a source that is none', 2, ['export', 'FILE', '--source', 'x'], /--source: "x" is none/],
  ['a time that is none', 2, ['export', 'FILE', '--since', 'x'], /--since: "x" is no time/],
])('%s: said, with what to do', async (_what, code, args, message) => {
  const answer = await copydesk(['review', ...args.map((arg) => (arg === 'FILE' ? file : arg))]);
  expect(answer).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
});

test('--help shows the way from a held text to a training file', async () => {
  expect((await copydesk(['review', '--help'])).stdout).toMatch(/\$ copydesk review export desk\.db > more\.jsonl/);
});
