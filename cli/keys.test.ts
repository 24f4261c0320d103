import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashSecret } from '../serving/index.js';
import { copydesk } from './testing/copydesk.js';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-keys-'));
  file = join(folder, 'keys.json');
});
afterAll(() => rm(folder, { recursive: true }));

const add = (name: string, ...more: string[]) => keys('add', '--file', file, '--name', name, '--scopes', 'classify', ...more);

test('a key is made, shown once, and known afterwards only by its hash', async () => {
  const { code, stdout, stderr } = await add(
    'comments',
    '--scopes',
    'classify,review',
    '--rate',
    '50/s',
    '--rate',
    '500 texts/s',
    '--quota',
    '9/day',
  );
  const [, id = '', secret = ''] = /^cd_([0-9a-f]{12})_([\w-]{43})\n$/.exec(stdout) ?? [];
  expect([code, secret]).toEqual([0, expect.stringMatching(/./)]);
  expect(stderr).toMatch(/only time/);
  const written = await readFile(file, 'utf8');
  expect(written).not.toContain(secret);
  expect(JSON.parse(written)).toMatchObject({
    keys: [
      { id, name: 'comments', hash: hashSecret(secret), scopes: ['classify', 'review'], rates: ['50/s', '500 texts/s'], quotas: ['9/day'] },
    ],
  });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const listed = await keys('list', '--file', file);
  expect(listed.stdout).toMatch(new RegExp(`^${id}\tcomments\tclassify,review\t50/s, 500 texts/s, 9/day\tsince 20`));
  for (const { stdout: shown } of [listed, await keys('list', '--file', file, '--json')]) expect(shown).not.toContain(hashSecret(secret));
});

test('a key is revoked by its id, or by itself, and stays on the list', async () => {
  const before = (await keys('list', '--file', file)).stdout.split('\n').length;
  const made = [(await add('one')).stdout.trim(), (await add('two')).stdout.trim()];
  const ids = made.map((key) => key.slice(3, 15));
  expect(await keys('revoke', ids[0]!, '--file', file)).toMatchObject({ code: 0, stderr: `key ${ids[0]} of one is revoked\n` });
  expect(await keys('revoke', made[1]!, '--file', file)).toMatchObject({ code: 0, stderr: `key ${ids[1]} of two is revoked\n` });
  expect((await keys('revoke', ids[0]!, '--file', file)).stderr).toMatch(/was revoked on 20/);
  const { stdout } = await keys('list', '--file', file);
  expect(stdout.split('\n')).toHaveLength(before + 2);
  expect(stdout.match(/revoked 20/g)).toHaveLength(2);
  expect(await readdir(folder)).toEqual(['keys.json']);
});

test.each<[string, () => ReturnType<typeof keys>, RegExp]>([
  ['an unknown scope', () => add('x', '--scopes', 'clasify'), /--scopes: there is no scope "clasify"\. Fix: did you mean classify/],
  ['a rate that is none', () => add('x', '--rate', '5 per second'), /--rate: "5 per second" is no rate\. Fix: write it as 50\/s/],
  ['a quota that is a rate', () => add('x', '--quota', '5/s'), /--quota: "5\/s" is no quota\. Fix: write it as 100000\/day/],
  ['a name of nothing', () => add(' '), /--name/],
  ['no file', () => keys('list'), /required option '--file <file>' not specified/],
  ['a file that is not there', () => keys('list', '--file', join(folder, 'other.json')), /there is no file .*other\.json/],
  ['an unknown id', () => keys('revoke', '000000000000', '--file', file), /no key with the id "000000000000"/],
  ['an unknown verb', () => keys('ad'), /unknown command 'ad'/],
])('%s exits with 2, says what is wrong, and changes nothing', async (_what, run, message) => {
  const before = await readFile(file, 'utf8');
  expect(await run()).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  expect(await readFile(file, 'utf8')).toBe(before);
});

test('a file that all may read is refused, with the command that mends it', async () => {
  await chmod(file, 0o644);
  expect((await add('x')).stderr).toContain(`chmod 600 ${file}`);
  await chmod(file, 0o600);
  expect((await add('x')).code).toBe(0);
});

test('serve: an address that others reach wants keys or to be told that it is open; --help shows by example', async () => {
  const { code, stderr } = await copydesk(['serve', '--host', '0.0.0.0', '--models', folder]);
  expect([code, stderr]).toEqual([1, expect.stringMatching(/0\.0\.0\.0 can be reached from other machines.*--keys FILE.*--allow-open/)]);
  expect((await copydesk(['serve', '--models', folder, '--cors', 'example.org'])).stderr).toMatch(/--cors: .* is no origin/);
  expect((await keys('--help')).stdout).toMatch(/\$ copydesk keys add/);
});

const keys = (...args: string[]) => copydesk(['keys', ...args]);
