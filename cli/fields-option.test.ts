import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copydesk } from '../test/copydesk.js';
import { tinyTexts, writeTinyRun } from '../test/tiny-run.js';

/** Questions with their replies, as grouped data have them. */
const rows = tinyTexts.map((question, i) => ({ q_id: i, question, r_id: 0, reply: 'We will.', kind: i % 2 ? 'news' : 'clickbait' }));
const names = 'text=question,pair=reply, label=kind';
let home: string;
let file: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-fields-option-'));
  file = join(home, 'rows.jsonl');
  await writeTinyRun(join(home, 'run'), { text: { maxTokens: 40, input: 'pair', pairs: 'as-given' } });
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
});
afterAll(() => rm(home, { recursive: true }));

test('texts under other names: question and reply in, q_id, r_id and label out', async () => {
  const args = ['predict', join(home, 'run'), file, '--fields', names, '--format', 'submission', '--ids', 'q_id,r_id'];
  const { code, stdout } = await copydesk(args);
  expect(code).toBe(0);
  const lines = stdout.trim().split('\n').map((line) => line.split('\t')); // biome-ignore format: short
  expect(lines.map(([question, reply]) => [question, reply])).toEqual(rows.map((_, i) => [String(i), '0']));
  for (const [, , label] of lines) expect(['clickbait', 'news']).toContain(label);
});

test('the answers are those that our own names get; a table shows the texts', async () => {
  const own = rows.map(({ question: text, reply: pair }) => JSON.stringify({ text, pair })).join('\n');
  const [renamed, plain] = [
    await copydesk(['predict', join(home, 'run'), file, '--fields', names, '--format', 'csv']),
    await copydesk(['predict', join(home, 'run'), '--format', 'csv'], { input: own }),
  ];
  expect(renamed.stdout.replace(/^question,reply,/, 'text,pair,')).toBe(plain.stdout);
  expect(plain.stdout).toContain(`\n${tinyTexts[0]},We will.,`);
});

test('evaluate measures on them too', async () => {
  const { code, stdout } = await copydesk(['evaluate', join(home, 'run'), file, '--fields', names, '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ examples: 7, perClass: { clickbait: { support: 4 }, news: { support: 3 } } });
});

test.each([
  ['txt=question', /--fields: "txt=question" names no field of ours\. Fix: did you mean text=question\?/],
  ['question', /--fields: "question" names .*Fix: write NAME=FIELD, NAME being one of text, pair, label/],
])('%s is refused', async (fields, message) => {
  expect(await copydesk(['predict', join(home, 'run'), file, '--fields', fields])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(message),
  });
});

test('a column for each label: evaluate measures on them; a policy is tried on them', async () => {
  const run = join(home, 'several');
  await writeTinyRun(run, { activation: 'sigmoid' });
  const columns = join(home, 'columns.csv');
  await writeFile(columns, `comment,clickbait,news\n${tinyTexts.map((text, i) => `"${text}",${i % 2},${(i + 1) % 2}\n`).join('')}`);
  const { code, stdout, stderr } = await copydesk(['evaluate', run, columns, '--fields', 'text=comment,labels=clickbait|news', '--json']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(JSON.parse(stdout)).toMatchObject({ examples: 7, perClass: { clickbait: { support: 3 }, news: { support: 4 } } });
});

test('a line without them is named, by the name that was given', async () => {
  const { code, stderr } = await copydesk(['predict', join(home, 'run'), '--fields', 'text=question'], { input: '{"text": "x"}' });
  expect(code).toBe(1);
  expect(stderr).toMatch(/stdin:1: no question\. Fix: /);
});
