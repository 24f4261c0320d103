import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FinetuneCase, openFinetuneRecord } from './finetune-record.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-record-'));
});
afterAll(() => rm(folder, { recursive: true }));

const settings = { model: '/models/a', epochs: 3, batchSize: 32, maxTokens: 128, learningRate: 5e-5, frozen: 0, set: [] };
const one: FinetuneCase = { task: { name: 'a', sizes: { train: 10, val: 2 } }, settings, seed: 1, side: 'Trainer' };

test('runs are found again: of the same texts, settings, side and machine, and no others', async () => {
  const path = join(folder, 'runs.jsonl');
  const first = await openFinetuneRecord(path, 'this machine');
  await first.add(one, { seconds: 12.5, macroF1: 0.9 });
  await first.add({ ...one, side: 'ours' }, { seconds: 8, macroF1: 0.91 });
  await first.add({ ...one, seed: 2 }, { seconds: 12.25, macroF1: 0.92 });
  await appendFile(path, '{"machine":"this machine","ta'); // as a run leaves it that is killed while it writes
  await (await openFinetuneRecord(path, 'another machine')).add(one, { seconds: 1, macroF1: 1 });
  const again = await openFinetuneRecord(path, 'this machine');
  expect(again.runOf(one)).toEqual({ seconds: 12.5, macroF1: 0.9 });
  expect(again.runOf({ ...one, settings: { ...settings, model: '/elsewhere/a' } })).toEqual({ seconds: 12.5, macroF1: 0.9 });
  expect(again.runOf({ ...one, seed: 2 })).toEqual({ seconds: 12.25, macroF1: 0.92 });
  expect(again.runOf({ ...one, side: 'ours' })).toEqual({ seconds: 8, macroF1: 0.91 });
  for (const other of [
    { ...one, side: 'another' },
    { ...one, seed: 3 },
    { ...one, task: { name: 'a', sizes: { train: 11, val: 2 } } },
    { ...one, settings: { ...settings, frozen: 4 } },
    { ...one, settings: { ...settings, model: '/models/b' } },
    { ...one, versions: 'torch 3' },
  ])
    expect(again.runOf(other)).toBeUndefined();
  expect((await openFinetuneRecord(path, 'another machine')).runOf(one)).toEqual({ seconds: 1, macroF1: 1 });
});

test('without a file nothing is kept', async () => {
  const record = await openFinetuneRecord(undefined);
  await record.add(one, { seconds: 1, macroF1: 1 });
  expect(record.runOf(one)).toEqual({ seconds: 1, macroF1: 1 });
});
