import { expect, test } from 'vitest';
import { type Classifier, CopydeskError, type Item } from '../../asking/index.js';
import { classifyRows } from './classify-rows.js';

type Asked = readonly Exclude<Item, string>[];

/** Answers with the texts; refuses what `refuse` says. */
function classifier(refuse: (texts: readonly string[]) => Error | undefined = () => undefined) {
  const calls: number[] = [];
  const classify = async (items: Asked) => {
    calls.push(items.length);
    const problem = refuse(items.map(({ text }) => text));
    if (problem) throw problem;
    return items.map(({ text }) => ({ decision: 'publish', label: text }));
  };
  return { calls, classify: classify as unknown as Classifier['classify'] };
}
const items = (count: number, text = (i: number) => `text ${i}`): Asked => Array.from({ length: count }, (_, i) => ({ text: text(i) }));
const quiet = { signal: new AbortController().signal, onProgress() {} };

test('a few at a time, in order, and how far it came is told', async () => {
  const asked = classifier();
  const told: number[] = [];
  const { results, ended } = await classifyRows(asked, items(150), { ...quiet, onProgress: (done) => told.push(done) });
  expect(asked.calls).toEqual([64, 64, 22]);
  expect(results.map((one) => (one as unknown as { label: string }).label)).toEqual(items(150).map(({ text }) => text));
  expect(ended).toBeUndefined();
  expect(told).toEqual([64, 128, 150, 150]);
});

test('a text that is refused keeps no other from being read; rows without text are left out', async () => {
  const tooLong = new CopydeskError('text-too-long', 'the text is too long', 'shorten it');
  const asked = classifier((texts) => (texts.includes('text 3') ? tooLong : undefined));
  const { results } = await classifyRows(asked, items(6, (i) => (i === 1 ? ' ' : `text ${i}`)), quiet); // biome-ignore format: one line
  expect(results[1]).toBeUndefined();
  expect(results[3]).toEqual({ error: 'the text is too long. shorten it.' });
  expect(results[5]).toMatchObject({ label: 'text 5' });
});

test('what is not about a text ends it, and what was read until then is there', async () => {
  const gone = new CopydeskError('unreachable', 'no answer', 'check the network');
  const asked = classifier((texts) => (texts.includes('text 4') ? gone : undefined));
  const { results, ended } = await classifyRows(asked, items(9), { ...quiet, size: 3 });
  expect(ended).toBe(gone);
  expect(results.map(Boolean)).toEqual([true, true, true, false, false, false, false, false, false]);
  expect(asked.calls).toEqual([3, 3]);
});
