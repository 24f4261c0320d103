import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSettings, throwFirst } from './read-settings.js';
import { readSettingsFile } from './read-settings-file.js';
import { shownSettings } from './shown-settings.js';

const flags = (given: Readonly<Record<string, readonly string[]>>) => new Map(Object.entries(given));
const file = (raw: Readonly<Record<string, unknown>>) => ({ path: '/etc/copydesk/serve.json', raw });
const fallback = { models: ['zoo'] };

describe('one precedence', () => {
  const all = {
    flags: flags({ '--port': ['1'] }),
    env: { COPYDESK_PORT: '2', COPYDESK_HOST: '::1' },
    file: file({ port: 3, host: '127.0.0.2', workers: 4 }),
    fallback,
  };

  test('a flag stands over a variable, a variable over the file, the file over the default', () => {
    const { options, problems, remarks } = readSettings(all);
    expect({ options, problems, remarks }).toEqual({
      options: { models: ['zoo'], port: 1, host: '::1', workers: 4 },
      problems: [],
      remarks: [],
    });
  });

  test('each setting tells where it comes from', () => {
    const shown = shownSettings(readSettings(all));
    const of = (key: string) => shown.find((one) => one.key === key);
    expect(of('port')).toEqual({ key: 'port', value: 1, from: '--port' });
    expect(of('host')).toEqual({ key: 'host', value: '::1', from: 'COPYDESK_HOST' });
    expect(of('workers')).toEqual({ key: 'workers', value: 4, from: '/etc/copydesk/serve.json: workers' });
    expect(of('limits.waitMs')).toEqual({ key: 'limits.waitMs', value: 30_000, from: 'default' });
    expect(of('keys')).toEqual({ key: 'keys', value: null, from: 'default' });
  });

  test('a secret is used, and never shown, not even where it is wrong', () => {
    const env = { COPYDESK_JOBS_FOLDER: 'jobs', COPYDESK_JOBS_REDIS: 'redis://:hunter2@127.0.0.1:6379' };
    const read = readSettings({ env, fallback });
    expect(read.options.jobs).toMatchObject({ redis: env.COPYDESK_JOBS_REDIS });
    expect(JSON.stringify(shownSettings(read))).not.toContain('hunter2');
    const wrong = readSettings({ env: { ...env, COPYDESK_JOBS_REDIS: 'hunter2' }, fallback });
    expect(JSON.stringify(wrong.problems)).not.toContain('hunter2');
  });

  test('a value inside an object is set by itself; the others there keep theirs', () => {
    const { options } = readSettings({
      env: { COPYDESK_LIMITS_WAIT_MS: '5' },
      file: file({ limits: { waitMs: 1, texts: 2, queueTexts: 3 } }),
      flags: flags({ '--limit': ['queueTexts=7'], '--max-connections': ['9'] }),
    });
    expect(options.limits).toEqual({ waitMs: 5, texts: 2, queueTexts: 7, connections: 9 });
  });
});

describe('how texts are read', () => {
  test.each([
    ['COPYDESK_CORS', 'https://a.example, https://b.example', 'cors', ['https://a.example', 'https://b.example']],
    ['COPYDESK_MODELS', 'bundles,more', 'models', ['bundles', 'more']],
    ['COPYDESK_ALLOW_OPEN', 'yes', 'allowOpen', true],
    ['COPYDESK_PUBLIC_METRICS', 'FALSE', 'publicMetrics', false],
    ['COPYDESK_WATCH_SECONDS', '.5', 'watchSeconds', 0.5],
  ])('%s=%s', (name, text, key, value) => {
    expect(readSettings({ env: { [name]: text }, fallback })).toMatchObject({ options: { [key]: value }, problems: [] });
  });

  test('a variable that is empty is not set', () => {
    expect(readSettings({ env: { COPYDESK_PORT: '', COPYDESK_KEYS: ' ' }, fallback }).options).toEqual(fallback);
  });

  test('--shadow sets the version and its share', () => {
    const { options } = readSettings({ flags: flags({ '--shadow': ['mine@3f=0.1'] }), fallback });
    expect(options.shadow).toEqual({ model: 'mine@3f', share: 0.1 });
  });

  test('paths in a file are seen from its folder, those of flags and variables from where one stands', () => {
    const { options } = readSettings({
      file: file({ models: ['bundles', '/abs'], policy: 'policy.json', keys: '../keys.json' }),
      env: { COPYDESK_USAGE: 'usage.json' },
    });
    expect(options).toEqual({
      models: ['/etc/copydesk/bundles', '/abs'],
      policy: '/etc/copydesk/policy.json',
      keys: '/etc/keys.json',
      usage: 'usage.json',
    });
  });
});

describe('what is wrong is named by where it came from', () => {
  const wrong = (given: Parameters<typeof readSettings>[0]) =>
    readSettings({ fallback, ...given }).problems.map(({ where, what, fix }) => `${where}: ${what}. ${fix}`);

  test.each([
    [{ env: { COPYDESK_PORT: 'http' } }, /^COPYDESK_PORT: "http" is no whole number/],
    [{ env: { COPYDESK_PORT: '70000' } }, /^COPYDESK_PORT: 70000: .*<=65535/],
    [{ flags: flags({ '--workers': ['0'] }) }, /^--workers: 0: .*>0/],
    [{ flags: flags({ '--log': ['loud'] }) }, /^--log: "loud": expected one of "silent"/],
    [{ flags: flags({ '--limit': ['waitms=3'] }) }, /^--limit waitms=3: there is no setting limits\.waitms\. did you mean limits\.waitMs/],
    [{ flags: flags({ '--limit': ['waitMs'] }) }, /^--limit waitMs: not NAME=NUMBER/],
    [{ flags: flags({ '--shadow': ['a=2'] }) }, /^--shadow a=2: 2: .*<=1/],
    [{ env: { COPYDESK_SHADOW_MODEL: 'a@1' } }, /^shadow\.share: is missing: .* set shadow\.share in the file, or COPYDESK_SHADOW_SHARE/],
    [{ file: file({ prot: 3 }) }, /^\/etc\/copydesk\/serve\.json: prot: there is no such key\. did you mean port/],
    [{ file: file({ limits: { stalMs: 3 } }) }, /serve\.json: limits\.stalMs: .*did you mean limits\.stallMs/],
    [{ file: file({ stallMs: 3 }) }, /serve\.json: stallMs: .*did you mean limits\.stallMs/],
    [{ file: file({ signals: true }) }, /serve\.json: signals: there is no such key/],
    [{ file: file({ port: '80' }) }, /serve\.json: port: "80": expected number/],
    [{ file: file({ limits: 5 }) }, /serve\.json: limits: 5: expected object/],
    [{ file: file({ cors: ['https://a.example', 'b'] }) }, /serve\.json: cors(\.1)?: "b": is no origin/],
  ])('%j is refused with %s', (given, message) => {
    const [problem, ...more] = wrong(given);
    expect(problem).toMatch(message);
    expect(more).toEqual([]);
  });

  test('a file that is wrong is said to be, also where something stands over it', () => {
    expect(wrong({ file: file({ port: 'x' }), env: { COPYDESK_PORT: '1' } })).toHaveLength(1);
  });

  test('a variable of no setting is reported with the nearest name, and is no error', () => {
    const read = readSettings({
      env: { COPYDESK_LIMIT_WAIT_MS: '3', COPYDESK_DEBUG: '1', PATH: '/bin' },
      otherVariables: ['COPYDESK_DEBUG'],
      fallback,
    });
    expect(read.remarks).toEqual([expect.stringMatching(/^COPYDESK_LIMIT_WAIT_MS .*did you mean COPYDESK_LIMITS_WAIT_MS/)]);
    expect(read.problems).toEqual([]);
  });

  test('what Kubernetes sets for a service named copydesk is no setting', () => {
    const env = { COPYDESK_PORT: 'tcp://10.0.0.1:8000', COPYDESK_SERVICE_HOST: '10.0.0.1', COPYDESK_PORT_8000_TCP_ADDR: '10.0.0.1' };
    const { options, remarks, problems } = readSettings({ env, fallback });
    expect({ options, problems }).toEqual({ options: fallback, problems: [] });
    expect(remarks).toEqual([expect.stringContaining('enableServiceLinks: false')]);
  });

  test('the first is thrown, and it is said how many there are', () => {
    const { problems } = readSettings({ env: { COPYDESK_PORT: 'a', COPYDESK_WORKERS: 'b' }, fallback });
    expect(() => throwFirst(problems)).toThrow(/^COPYDESK_PORT: .*\(1 more: copydesk serve --check tells all\)\. Fix: /);
    expect(() => throwFirst([])).not.toThrow();
  });
});

describe('the file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'copydesk-settings-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each([
    ['{"port": 1', /not JSON: /],
    ['[1]', /not a JSON object/],
  ])('%s is refused', async (text, message) => {
    const path = join(folder, 'serve.json');
    await writeFile(path, text);
    await expect(readSettingsFile(path)).rejects.toThrow(message);
  });

  test('one that is not there is named', async () => {
    await expect(readSettingsFile(join(folder, 'none.json'))).rejects.toThrow(/none\.json: cannot be read \(ENOENT\)/);
  });

  test('__proto__ in it changes nothing but its own verdict', async () => {
    const path = join(folder, 'proto.json');
    await writeFile(path, '{"__proto__": {"port": 1}, "limits": {"__proto__": {"waitMs": 1}}}');
    const { options } = readSettings({ file: await readSettingsFile(path), fallback });
    expect(options.port).toBeUndefined();
    expect(({} as { port?: unknown }).port).toBeUndefined();
  });
});
