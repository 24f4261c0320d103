import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { stderrLog } from './stderr-log.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-log-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('every line is written, whole and in order, however many come at once', async () => {
  const path = join(folder, 'log');
  const fd = openSync(path, 'w');
  const log = stderrLog('info', fd);
  for (let i = 0; i < 2_000; i++) log.info({ i }, 'a line');
  const lines = (): string[] => readFileSync(path, 'utf8').trimEnd().split('\n');
  await vi.waitFor(() => expect(lines()).toHaveLength(2_000));
  expect(lines().map((line) => JSON.parse(line).i)).toEqual(Array.from({ length: 2_000 }, (_, i) => i));
  closeSync(fd);
});

test.skipIf(!existsSync('/dev/full'))('a disk that is full costs lines and nothing else', async () => {
  const fd = openSync('/dev/full', 'w');
  const log = stderrLog('info', fd);
  const failures: unknown[] = [];
  const note = (error: unknown): void => void failures.push(error);
  process.on('uncaughtException', note);
  for (let i = 0; i < 20; i++) {
    log.info({ i }, 'a line');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  process.off('uncaughtException', note);
  expect(failures).toEqual([]);
  closeSync(fd);
});
