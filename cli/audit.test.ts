import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeTinyRun } from '../test/tiny-run.js';
import { copydesk } from './testing/copydesk.js';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-cli-audit-'));
});
afterAll(() => rm(home, { recursive: true }));

const places = ['harbour', 'river', 'market', 'station', 'library', 'museum', 'stadium', 'airport', 'school', 'bridge', 'park', 'tower'];
const doings = ['opens', 'closes', 'grows', 'shrinks', 'moves', 'waits', 'burns', 'floods', 'reopens', 'votes', 'pays', 'sleeps', 'wins'];
const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'];
/** Different sentences, of which neither label has its own words. */
const rows = (count: number, from: number) =>
  Array.from({ length: count }, (_, i) => {
    const at = from + i;
    const text = `The ${places[at % 12]} by the ${places[(at * 5 + 3) % 12]} ${doings[at % 13]} and ${doings[(at * 3 + 1) % 13]} on ${days[at % 5]} number ${at}`; // biome-ignore format: one text
    return { text, label: (at * 7919) % 13 < 6 ? 'yes' : 'no' };
  });
const write = async (name: string, list: readonly object[]): Promise<string> => {
  const text = list.map((row) => JSON.stringify(row)).join('\n');
  await writeFile(join(home, name), name.endsWith('.gz') ? gzipSync(text) : text);
  return join(home, name);
};

test('findings at the level make the exit code 1, and are on stdout all the same', async () => {
  const twice = [...rows(60, 0), ...rows(1, 0)];
  const file = await write('twice.jsonl', twice);
  const kind = 'duplicates-within-split';
  expect(await copydesk(['audit', file, '--names', '0'])).toMatchObject({ code: 0, stdout: expect.stringContaining(`[${kind}]`) });
  const { code, stdout, stderr } = await copydesk(['audit', file, '--names', '0', '--fail-on', 'warning']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('WARNING  1 text of twice') });
  expect(stderr).toMatch(/copydesk audit: \d+ findings? at warning or above\. Fix: /);
});

test('--json is one object; a text in train and val is an error', async () => {
  const train = await write('train.jsonl.gz', rows(60, 0));
  const val = await write('val.jsonl', [...rows(30, 100), ...rows(1, 0)]);
  const { code, stdout } = await copydesk(['audit', train, '--val', val, '--names', '0', '--json']);
  expect(code).toBe(1);
  const audit = JSON.parse(stdout);
  expect(audit.splits.map(({ name, texts }: { name: string; texts: number }) => [name, texts])).toEqual([['train', 60], ['val', 31]]); // biome-ignore format: a list
  expect(audit.findings[0]).toMatchObject({ kind: 'duplicates-across-splits', level: 'error', count: 1 });
  expect(audit.findings[0].examples[0].where).toEqual(['val:31', 'train:1']);
});

test('several files are a split each, called as the file is', async () => {
  const files = [await write('north.jsonl', rows(30, 0)), await write('south.jsonl', rows(30, 50))];
  const { stdout } = await copydesk(['audit', ...files, files[0]!, '--names', '0', '--json']);
  expect(JSON.parse(stdout).splits.map(({ name }: { name: string }) => name)).toHaveLength(3);
  expect(new Set(JSON.parse(stdout).splits.map(({ name }: { name: string }) => name)).size).toBe(3);
});

test('a training config stands for its data, field names included', async () => {
  const renamed = (list: readonly { text: string; label: string }[]) =>
    list.map(({ text, label }) => ({ headline: text, label, desk: 'a' }));
  await write('renamed.jsonl', renamed(rows(60, 0)));
  await write('more.jsonl', renamed(rows(30, 100)));
  const config = join(home, 'mine.json');
  await writeFile(
    config,
    JSON.stringify({ name: 'mine', data: { train: 'renamed.jsonl', test: 'more.jsonl', fields: { text: 'headline' } } }),
  );
  const { stdout, stderr } = await copydesk(['audit', config, '--names', '0', '--json', '--group', 'desk']);
  expect(stderr).toContain('train: 60 texts of');
  expect(JSON.parse(stdout).splits).toMatchObject([{ name: 'train', withGroup: 60 }, { name: 'test', texts: 30 }]); // biome-ignore format: a list
  expect(await copydesk(['audit', config, '--val', config])).toMatchObject({ code: 2, stderr: expect.stringContaining('the config says') });
});

test('a config with an error in it is one, and JSON that is data is data', async () => {
  const config = join(home, 'typo.json');
  await writeFile(config, JSON.stringify({ name: 'mine', data: { train: 'x.jsonl', vla: 'y.jsonl' } }));
  expect(await copydesk(['audit', config])).toMatchObject({ code: 2, stderr: expect.stringContaining('unknown key data.vla') });
  const list = join(home, 'list.json');
  await writeFile(list, JSON.stringify(rows(20, 0)));
  expect(JSON.parse((await copydesk(['audit', list, '--names', '0', '--json'])).stdout).splits).toMatchObject([
    { name: 'list', texts: 20 },
  ]);
});

test('--html writes the page; a folder that is not there is wrong usage', async () => {
  const file = await write('page.jsonl', rows(60, 0));
  const page = join(home, 'audit.html');
  expect(await copydesk(['audit', file, '--names', '0', '--html', page])).toMatchObject({ code: 0, stderr: expect.stringContaining(page) });
  expect(await readFile(page, 'utf8')).toContain('Repeated texts');
  expect(await copydesk(['audit', file, '--names', '0', '--html', join(home, 'no', 'where.html')])).toMatchObject({ code: 2 });
});

test('--model: what a run answers when names change', async () => {
  await writeTinyRun(join(home, 'run'));
  const named = rows(40, 0).map((row) => ({ ...row, entities: places.filter((place) => row.text.includes(place)) }));
  const file = await write('named.jsonl', named);
  const { stdout } = await copydesk(['audit', file, '--model', join(home, 'run'), '--json']);
  const { model, findings } = JSON.parse(stdout);
  expect(model).toMatchObject({ name: 'tiny@run', labels: ['clickbait', 'news'], texts: 40, of: 40 });
  expect(findings.map(({ kind }: { kind: string }) => kind)).toContain('entity-flips');
  expect(await copydesk(['audit', file, '--model', join(home, 'nowhere')])).toMatchObject({ code: 1 });
});

test.each([
  ['no file', [], /missing required argument 'file'/],
  ['an unknown level', ['x.jsonl', '--fail-on', 'never'], /Allowed choices are info, warning, error/],
  ['an unknown language', ['x.jsonl', '--language', 'fr'], /Allowed choices are en, zh/],
  ['a number of names that is none', ['x.jsonl', '--names', 'many'], /--names: "many" is no whole number/],
])('%s exits with 2', async (_what, args, message) => {
  expect(await copydesk(['audit', ...args])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
});

test('a file that is not there exits with 1; --help teaches by example', async () => {
  expect(await copydesk(['audit', join(home, 'nowhere.jsonl')])).toMatchObject({ code: 1, stdout: '' });
  const { code, stdout } = await copydesk(['audit', '--help']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/\$ copydesk audit .*--html/) });
});
