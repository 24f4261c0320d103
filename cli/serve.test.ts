import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSampleBundle } from '../serving/testing/sample-bundle.js';
import { copydesk } from './testing/copydesk.js';

let folder: string;
let config: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-serve-'));
  await mkdir(join(folder, 'bundles'));
  await writeSampleBundle({ to: join(folder, 'bundles') });
  config = join(folder, 'serve.json');
  await writeFile(config, JSON.stringify({ models: ['bundles'], port: 9000, limits: { waitMs: 4000 } }));
});
afterAll(() => rm(folder, { recursive: true }));

const serve = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => copydesk(['serve', ...args], { env });

test('--check lists each setting with where it comes from, and the models that would be served', async () => {
  const { code, stdout } = await serve(['--config', config, '--check', '--workers', '3'], { COPYDESK_LIMITS_WAIT_MS: '3000' });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^models +\S+bundles {2}\(\S+serve\.json: models\)$/m);
  expect(stdout).toMatch(/^port +9000 {2}\(\S+serve\.json: port\)$/m);
  expect(stdout).toMatch(/^limits\.waitMs +3000 {2}\(COPYDESK_LIMITS_WAIT_MS\)$/m);
  expect(stdout).toMatch(/^workers +3 {2}\(--workers\)$/m);
  expect(stdout).toMatch(/^limits\.texts +256 {2}\(default\)$/m);
  expect(stdout).toMatch(/^ok: sample@v1$/m);
});

test('the file can be named by COPYDESK_CONFIG, and --check --json is one object', async () => {
  const { code, stdout } = await serve(['--check', '--json'], { COPYDESK_CONFIG: config });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, problems: [], remarks: [], models: ['sample@v1'] });
});

test('all that is wrong is said at once, each by where it came from', async () => {
  const { code, stdout, stderr } = await serve(['--config', config, '--check', '--log', 'loud'], {
    COPYDESK_PORT: 'http',
    COPYDESK_LIMIT_TEXTS: '1',
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^wrong: COPYDESK_PORT: "http" is no whole number\. Fix: /m);
  expect(stderr).toMatch(/^wrong: --log: "loud": expected one of /m);
  expect(stderr).toMatch(/^note: COPYDESK_LIMIT_TEXTS .*did you mean COPYDESK_LIMITS_TEXTS/m);
  expect(stderr).toMatch(/^copydesk serve: the server would not start: 2 things are wrong/m);
});

test.each([
  ['settings that do not go together', ['--limit', 'texts=9', '--limit', 'queueTexts=8'], /a request may hold 9 texts but only 8 may wait/],
  ['others could reach it without a key', ['--host', '0.0.0.0'], /nobody would be asked for a key/],
  ['keys that are not there', ['--keys', 'nowhere.json'], /nowhere\.json/],
  ['a policy that is not there', ['--policy', 'nowhere.json'], /nowhere\.json/],
  ['no such model', ['--model', 'other'], /there is no model named other.*sample/s],
])('--check finds: %s', async (_what, args, message) => {
  const { code, stderr } = await serve(['--config', config, '--check', ...args]);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});

test('without --check the first thing that is wrong stops the start, with how many more there are', async () => {
  const { code, stderr } = await serve(['--config', config, '--port', '99999'], { COPYDESK_WORKERS: '0' });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^copydesk serve: --port: 99999: .*\(1 more: copydesk serve --check tells all\)\. Fix: /m);
});
