import { expect, test } from 'vitest';
import type { Session } from '../../models/index.js';
import { createExplainSessions } from './explain-sessions.js';

function setUp(most?: number) {
  const did: string[] = [];
  const hashes = new Map([['w/a', 'A'], ['w/b', 'B'], ['w/c', 'C']]); // biome-ignore format: a table
  const sessions = createExplainSessions({
    open: async (path) => {
      did.push(`open ${path}`);
      return { dispose: async () => void did.push(`dispose ${path}`) } as unknown as Session;
    },
    hash: async (path) => hashes.get(path)!,
    ...(most === undefined ? {} : { most }),
  });
  for (const key of ['a', 'b', 'c']) sessions.know(key, { path: `e/${key}`, weights: `w/${key}`, sha256: key.toUpperCase() });
  return { sessions, did, hashes };
}

test('a session is opened when it is first asked for, and kept', async () => {
  const { sessions, did } = setUp();
  expect(did).toEqual([]);
  const first = await sessions.of('a');
  const second = await sessions.of('a');
  expect([first.cold, second.cold, second.session === first.session]).toEqual([true, false, true]);
  expect(did).toEqual(['open e/a']);
});

test('of more than there is room for, the one that was asked the longest time ago goes', async () => {
  const { sessions, did } = setUp(2);
  for (const key of ['a', 'b', 'a', 'c', 'a']) await sessions.of(key);
  expect(did).toEqual(['open e/a', 'open e/b', 'open e/c', 'dispose e/b']);
  expect((await sessions.of('b')).cold).toBe(true);
});

test('weights that changed after the model was loaded are refused, and nothing is opened', async () => {
  const { sessions, did, hashes } = setUp();
  hashes.set('w/a', 'other');
  await expect(sessions.of('a')).rejects.toThrow(/w\/a changed after a was loaded.*Fix:/);
  expect(did).toEqual([]);
});

test('a model that is let go takes its session along', async () => {
  const { sessions, did } = setUp();
  await sessions.of('a');
  await sessions.forget('a');
  await sessions.forget('b');
  expect(did).toEqual(['open e/a', 'dispose e/a']);
  await expect(sessions.of('a')).rejects.toThrow(/a: it has no explain graph/);
});
