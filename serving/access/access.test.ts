import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ServiceError } from '../protocol/index.js';
import { type Access, createAccess } from './access.js';
import { hashSecret, makeApiKey, readApiKey, secretMatches, writeApiKey } from './api-key.js';
import { addressGroup, isLoopback } from './client-address.js';
import { readKeyFile, type StoredKey, writeKeyFile } from './key-file.js';

let folder: string;
let path: string;
const opened: Access[] = [];
const logged: { level: string; fields: object; message: string }[] = [];
const log = {
  info: (fields: object, message: string) => void logged.push({ level: 'info', fields, message }),
  error: (fields: object, message: string) => void logged.push({ level: 'error', fields, message }),
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-access-'));
  path = join(folder, 'keys.json');
  logged.length = 0;
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((access) => access.close()));
  await rm(folder, { recursive: true });
});

const open = async (options: Parameters<typeof createAccess>[0] = { keys: path }): Promise<Access> => {
  const access = await createAccess(options, { log });
  opened.push(access);
  return access;
};
function entry(fields: Partial<StoredKey> = {}): { key: string; stored: StoredKey } {
  const key = makeApiKey();
  const stored: StoredKey = {
    id: key.id,
    name: 'comments',
    hash: hashSecret(key.secret),
    scopes: ['classify'],
    rates: [],
    quotas: [],
    created: '2026-01-01T00:00:00.000Z',
    ...fields,
  };
  return { key: writeApiKey(key), stored };
}
const write = (...keys: StoredKey[]): Promise<void> => writeKeyFile(path, { version: 1, keys });
const refusal = (work: () => unknown): Pick<ServiceError, 'code' | 'message' | 'fix' | 'headers'> => {
  try {
    work();
  } catch (error) {
    const { code, message, fix, headers } = error as ServiceError;
    return { code, message, fix, headers };
  }
  throw new Error('nothing was refused');
};

describe('keys', () => {
  test('a key is read back, and only its own secret has its hash', () => {
    const made = makeApiKey();
    expect(readApiKey(writeApiKey(made))).toEqual(made);
    expect(Buffer.from(made.secret, 'base64url')).toHaveLength(32);
    expect(secretMatches(made.secret, hashSecret(made.secret))).toBe(true);
    expect(secretMatches(makeApiKey().secret, hashSecret(made.secret))).toBe(false);
    expect(secretMatches(undefined, hashSecret(''))).toBe(false);
    expect(secretMatches(made.secret, undefined)).toBe(false);
  });

  test('two thousand keys have no id and no secret in common', () => {
    const keys = Array.from({ length: 2000 }, makeApiKey);
    expect(new Set(keys.flatMap(({ id, secret }) => [id, secret])).size).toBe(4000);
  });

  test('the file holds no secret, and is for its owner alone', async () => {
    const { key, stored } = entry();
    await write(stored);
    expect(await readFile(path, 'utf8')).not.toContain(readApiKey(key)!.secret);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['authorization', (key: string) => ({ headers: { authorization: `Bearer ${key}` } })],
    ['authorization in small letters', (key: string) => ({ headers: { authorization: `bearer  ${key} ` } })],
    ['x-api-key', (key: string) => ({ headers: { 'x-api-key': key } })],
    ['x-api-key beside the password of a proxy', (key: string) => ({ headers: { authorization: 'Basic YTpi', 'x-api-key': key } })],
    ['the query, where a dialect found it there', (key: string) => ({ headers: {}, queryKey: key })],
  ])('a key is taken from %s', async (_where, credentials) => {
    const { key, stored } = entry();
    await write(stored);
    const access = await open();
    expect(access.identify({ ...credentials(key), address: '192.0.2.1' })).toEqual({ id: stored.id, scopes: ['classify'] });
  });

  test('unknown, revoked and wrong keys get one and the same answer', async () => {
    const [known, revoked] = [entry(), entry({ revoked: '2026-02-01T00:00:00.000Z' })];
    await write(known.stored, revoked.stored);
    const access = await open();
    const wrongSecret = writeApiKey({ id: known.stored.id, secret: makeApiKey().secret });
    const answers = [entry().key, wrongSecret, revoked.key, 'sk-of-another-service', `${known.key}x`, 'x'.repeat(10_000)].map((key) =>
      refusal(() => access.identify({ headers: { authorization: `Bearer ${key}` }, address: '192.0.2.1' })),
    );
    expect(answers[0]).toMatchObject({ code: 'unauthorized', headers: { 'www-authenticate': expect.stringMatching(/^Bearer/) } });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(refusal(() => access.identify({ headers: {}, address: '192.0.2.1' }))).toMatchObject({ message: 'no key was given' });
  });

  test('a wrong key is not made good by a right one in another place', async () => {
    const { key, stored } = entry();
    await write(stored);
    const access = await open();
    const headers = { authorization: `Bearer ${entry().key}`, 'x-api-key': key };
    expect(refusal(() => access.identify({ headers, queryKey: key, address: undefined })).code).toBe('unauthorized');
  });

  test('a key opens what its scopes say', async () => {
    const { key, stored } = entry({ scopes: ['classify', 'metrics'] });
    await write(stored);
    const access = await open();
    const client = access.identify({ headers: { 'x-api-key': key }, address: undefined });
    access.permit(client, 'metrics');
    expect(refusal(() => access.permit(client, 'admin'))).toMatchObject({ code: 'forbidden', message: 'this needs the scope admin' });
  });

  test('without keys any key is let in, to what changes and keeps nothing of others', async () => {
    const access = await open({});
    const client = access.identify({ headers: { authorization: 'Bearer sk-whatever' }, address: '::ffff:192.0.2.1' });
    expect(client).toEqual({ id: '192.0.2.1', scopes: ['classify', 'feedback', 'metrics'] });
    for (const scope of ['review', 'jobs', 'admin'] as const) expect(refusal(() => access.permit(client, scope)).code).toBe('forbidden');
  });

  test('guessing keys is bounded for each address, if that was asked for', async () => {
    const { key, stored } = entry();
    await write(stored);
    const access = await open({ keys: path, addressRates: ['3/h'] });
    const guess = (address: string) => refusal(() => access.identify({ headers: { 'x-api-key': entry().key }, address })).code;
    expect(Array.from({ length: 5 }, () => guess('192.0.2.1'))).toEqual([
      ...Array.from({ length: 3 }, () => 'unauthorized'),
      ...Array.from({ length: 2 }, () => 'rate-limited'),
    ]);
    expect(guess('192.0.2.2')).toBe('unauthorized');
    expect(access.identify({ headers: { 'x-api-key': key }, address: '192.0.2.1' }).id).toBe(stored.id);
  });
});

describe('the file of keys', () => {
  test('is read again when it changes: new keys open, revoked ones do not', async () => {
    const [first, second] = [entry(), entry()];
    await write(first.stored);
    const access = await open();
    const may = (key: string): boolean => {
      try {
        return access.identify({ headers: { 'x-api-key': key }, address: undefined }).id !== '';
      } catch {
        return false;
      }
    };
    expect([may(first.key), may(second.key)]).toEqual([true, false]);
    await write({ ...first.stored, revoked: '2026-03-01T00:00:00.000Z' }, second.stored);
    await access.tick();
    expect([may(first.key), may(second.key)]).toEqual([false, true]);
    expect(logged).toMatchObject([{ level: 'info', fields: { keys: 1 } }]);
  });

  test.each<[string, () => Promise<void>]>([
    ['not JSON', () => writeFile(path, 'secret marmalade {')],
    ['of another form', () => writeFile(path, '{"version": 1, "keys": [{"secret": "marmalade"}]}')],
    ['for all to read', () => chmod(path, 0o644)],
    ['gone', () => rename(path, `${path}.away`)],
  ])('that is suddenly %s changes nothing, and is told of once', async (_what, break_) => {
    const { key, stored } = entry();
    await write(stored);
    const access = await open();
    await break_();
    await access.tick();
    await access.tick();
    expect(access.identify({ headers: { 'x-api-key': key }, address: undefined }).id).toBe(stored.id);
    expect(logged).toMatchObject([{ level: 'error', message: expect.stringMatching(/keys from before hold/) }]);
    expect(JSON.stringify(logged)).not.toMatch(/marmalade/);
    await rm(path, { force: true });
    await write(entry().stored);
    await access.tick();
    expect(refusal(() => access.identify({ headers: { 'x-api-key': key }, address: undefined })).code).toBe('unauthorized');
  });

  test.each<[string, () => Promise<void>, RegExp]>([
    ['is not there', async () => {}, /there is no file .*copydesk keys add/],
    ['all may read', () => write().then(() => chmod(path, 0o604)), /every user of this machine \(mode 604\).*chmod 600/],
    ['all may write', () => write().then(() => chmod(path, 0o602)), /mode 602/],
    ['is not JSON', () => writeFile(path, '{', { mode: 0o600 }), /is not JSON/],
    ['has a key without scopes', () => write(entry({ scopes: [] }).stored), /keys\.0\.scopes/],
    ['has an impossible rate', () => write(entry({ rates: ['fast'] }).stored), /keys\.0\.rates\.0: is no rate: write it as 50\/s/],
    ['has one id twice', () => write(entry({ id: 'a'.repeat(12) }).stored, entry({ id: 'a'.repeat(12) }).stored), /same id/],
  ])('that %s is refused in a sentence', async (_what, make, message) => {
    await make();
    await expect(open()).rejects.toMatchObject({ name: 'UsageError', message: expect.stringMatching(message) });
  });

  test('may be read by a group, as containers mount it', async () => {
    const { stored } = entry();
    await write(stored);
    await chmod(path, 0o440);
    expect((await readKeyFile(path)).keys).toEqual([stored]);
  });
});

describe('what was used', () => {
  const limited = () => entry({ quotas: ['5 texts/day'] });
  const spend = (access: Access, key: string, texts: number) =>
    access.charge(access.identify({ headers: { 'x-api-key': key }, address: undefined }), 'texts', texts);

  test('is remembered over a restart, if a file is given', async () => {
    const { key, stored } = limited();
    await write(stored);
    const options = { keys: path, usage: join(folder, 'usage.json') };
    const first = await open(options);
    spend(first, key, 4);
    await first.close();
    const second = await open(options);
    expect(refusal(() => spend(second, key, 2)).code).toBe('quota-exceeded');
    spend(second, key, 1);
  });

  test('a damaged file of it is refused rather than every quota given anew', async () => {
    await write(limited().stored);
    await writeFile(join(folder, 'usage.json'), '{"version": 1, "used": {"a|texts|2026-');
    await expect(open({ keys: path, usage: join(folder, 'usage.json') })).rejects.toThrow(/usage: .* is damaged.*Fix: delete it/);
  });

  test('is counted on in memory when it cannot be written, and that is told once', async () => {
    const { key, stored } = limited();
    await write(stored);
    const usage = join(folder, 'usage.json');
    await rm(usage, { force: true });
    const access = await open({ keys: path, usage });
    await mkdir(usage); // a folder where the file should go
    for (const texts of [2, 2]) {
      spend(access, key, texts);
      await access.tick();
    }
    expect(refusal(() => spend(access, key, 2)).code).toBe('quota-exceeded');
    expect(logged.filter(({ level }) => level === 'error')).toHaveLength(1);
  });
});

describe('addresses', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:DB8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['a text, put where an address belongs', 'unknown'],
    [undefined, 'unknown'],
  ])('%s counts as %s', (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });

  test.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['192.0.2.1', false],
    ['127.evil.example', false],
  ])('%s is loopback: %s', (host, is) => {
    expect(isLoopback(host)).toBe(is);
  });
});
