import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parsePretrainConfig, pretrainRun } from '../pretraining/index.js';
import { type LikeOptions, type Tally, type Writer, writeLike } from './language-model.js';
import { openWriter } from './open-writer.js';

let home: string;
let writer: Writer & { close(): Promise<void> };

const names = 'bakers ministers rivers cats judges trains farmers poets sailors nurses'.split(' ');
const things = 'soup bridges budgets bees harbours strikes snow gardens lanterns maps'.split(' ');
const news = names.flatMap((who, i) => things.filter((_, k) => (i + k) % 2).map((what) => `${who} vote on ${what} after a long debate`));
const lists = names.flatMap((who, i) => things.filter((_, k) => (i + k) % 2).map((what) => `ten things ${who} never say about ${what}`));

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-writer-'));
  await writeFile(join(home, 'texts.jsonl'), [...news, ...lists].map((text) => JSON.stringify({ text })).join('\n'));
  const config = parsePretrainConfig(
    JSON.stringify({
      name: 'writer',
      data: { texts: 'texts.jsonl' },
      model: { kind: 'gpt2', layers: 1, width: 32, heads: 2, intermediate: 64, vocabularySize: 150, maxPositions: 24, dropout: 0 },
      text: { maxTokens: 24 },
      training: { epochs: 25, batchSize: 16, learningRate: 1e-2, evaluateEvery: 1000, threads: 1 },
    }),
    join(home, 'config.json'),
  );
  for await (const _ of pretrainRun({ config, folder: join(home, 'run') }));
  writer = await openWriter(join(home, 'run'), { threads: 1 });
}, 60_000);
afterAll(async () => {
  await writer.close();
  await rm(home, { recursive: true });
});

async function write(change: Partial<LikeOptions> = {}): Promise<{ readonly texts: readonly string[]; readonly tally: Tally }> {
  const options = {
    texts: lists,
    known: [...news, ...lists],
    count: 20,
    seed: 1,
    promptTokens: 3,
    leastWords: 6,
    temperature: 1,
    topP: 0.95,
  };
  const writing = writeLike(writer, { ...options, noRepeatNgram: 3, ...change });
  const texts: string[] = [];
  for (;;) {
    const next = await writing.next();
    if (next.done) return { texts, tally: next.value };
    texts.push(next.value);
  }
}

test('what is written is new, begins as texts of the label do, and comes out the same for the same seed', async () => {
  const { texts, tally } = await write();
  expect(texts).toHaveLength(20);
  expect(new Set(texts).size).toBe(20);
  for (const text of texts) expect(text).toMatch(/^ten things? /);
  for (const text of texts) expect([...news, ...lists]).not.toContain(text);
  expect(texts.filter((text) => /^ten things \w+ never say about \w+$/.test(text)).length).toBeGreaterThan(10);
  expect(tally).toMatchObject({ kept: 20 });
  expect(await write()).toEqual({ texts, tally });
  expect((await write({ seed: 2 })).texts).not.toEqual(texts);
});

test('short texts, and those that a classifier takes for something else, are dropped and counted', async () => {
  const { texts, tally } = await write({ accept: async (some) => some.map((text) => text.includes('bees')), count: 3 });
  expect(texts.every((text) => text.includes('bees'))).toBe(true);
  expect(tally.refused).toBeGreaterThan(0);
  const none = await write({ leastWords: 20, count: 2 });
  expect(none.texts).toEqual([]);
  expect(none.tally).toMatchObject({ kept: 0, written: 64 }); // it gives up
  expect(none.tally.short + none.tally.unfinished).toBe(64);
});

test('marks and case do not make a text new, nor does leaving off its end', async () => {
  const all = names.flatMap((who) => things.map((what) => `Ten things ${who} NEVER say, about ${what} - and why!`));
  const { texts } = await write({ known: all, count: 5 });
  expect(texts.filter((text) => /^ten things \w+ never say about (bees|soup|snow)$/.test(text))).toEqual([]);
});

test('a model that does not write is refused', async () => {
  const config = parsePretrainConfig(
    JSON.stringify({
      name: 'tells',
      data: { texts: 'texts.jsonl' },
      model: { layers: 1, width: 16, heads: 2, intermediate: 16, vocabularySize: 100 },
      training: { epochs: 1, threads: 1 },
    }),
    join(home, 'config.json'),
  );
  for await (const _ of pretrainRun({ config, folder: join(home, 'tells') }));
  await expect(openWriter(join(home, 'tells'))).rejects.toThrow(/a bert tells words, but does not write\. Fix: give a GPT-2/);
});
