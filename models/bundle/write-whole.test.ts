import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeWhole } from './write-whole.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-whole-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('parts come one after the other, more of them than the system takes at once', async () => {
  const parts = Array.from({ length: 3_000 }, (_, i) => new Uint8Array(i % 7).fill(i));
  await writeWhole(join(folder, 'new', 'parts'), parts);
  expect(await readFile(join(folder, 'new', 'parts'))).toEqual(Buffer.concat(parts));
  expect(await readdir(join(folder, 'new'))).toEqual(['parts']);
});

test.each([
  ['a text', 'ö\n', Buffer.from('ö\n')],
  ['bytes', Uint8Array.of(1, 2), Buffer.of(1, 2)],
  ['nothing', [], Buffer.of()],
  ['empty parts', [new Uint8Array(), new Uint8Array()], Buffer.of()],
])('%s', async (_, content, written) => {
  await writeWhole(join(folder, 'one'), content);
  expect(await readFile(join(folder, 'one'))).toEqual(written);
});
