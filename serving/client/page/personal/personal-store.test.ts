import { expect, test } from 'vitest';
import { openDatabase } from '../device/database.js';
import { createPersonalStore, fingerprint, standingOf } from './personal-store.js';

let clock = 0;
// Node has no IndexedDB: what is kept is kept in memory, as in browsers that keep nothing for pages.
const store = () => createPersonalStore(openDatabase(), () => clock++);

test('corrections come back in the order in which they were made, a later one of the same text in place of the earlier, each model its own', async () => {
  const { add, remove, corrections } = store();
  await add('m', { text: 'b', label: 'news' });
  await add('m', { text: 'a', label: 'news' });
  await add('other', { text: 'a', label: 'news' });
  await add('m', { text: 'b', label: 'lure' });
  await add('m', { text: 'a', pair: 'c', label: 'lure' });
  expect(await corrections('m')).toEqual([
    { text: 'a', label: 'news' },
    { text: 'b', label: 'lure' },
    { text: 'a', pair: 'c', label: 'lure' },
  ]);
  await remove('m', { text: 'a', label: 'news' });
  expect((await corrections('m')).map(({ text }) => text)).toEqual(['b', 'a']);
});

test('to discard a model takes its corrections and its head, and nothing of others', async () => {
  const { add, keepHead, head, corrections, discard } = store();
  for (const name of ['m', 'other']) {
    await add(name, { text: 'a', label: 'news' });
    await keepHead({ name, version: 'v1', head: Uint8Array.of(1), learntFrom: '' });
  }
  await discard('m');
  expect([await corrections('m'), await head('m')]).toEqual([[], undefined]);
  expect([(await corrections('other')).length, (await head('other'))?.version]).toEqual([1, 'v1']);
});

test('a head stands for these corrections and this version, or is to be learnt again', () => {
  const corrections = [{ text: 'a', label: 'news' }];
  const head = { version: 'v1', learntFrom: fingerprint(corrections) };
  expect(standingOf({ version: 'v1' }, corrections, head)).toBe('learnt');
  expect(standingOf({ version: 'v2' }, corrections, head)).toBe('older');
  expect(standingOf({ version: 'v1' }, [...corrections, { text: 'b', label: 'lure' }], head)).toBe('unlearnt');
  expect(standingOf({ version: 'v1' }, corrections, undefined)).toBe('unlearnt');
  expect(standingOf({ version: 'v1' }, [], { version: 'v1', learntFrom: '' })).toBe('imported');
  expect(standingOf({ version: 'v2' }, [], { version: 'v1', learntFrom: '' })).toBe('older');
  expect(standingOf({ version: 'v1' }, [], undefined)).toBe('none');
});
