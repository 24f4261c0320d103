import { expect, test } from 'vitest';
import type { Language } from '../data/language/language.js';
import { createSegmenter } from '../data/language/tokens.js';
import { createRandom } from '../data/random.js';
import { augmentEntities } from './entity-augmentation.js';

const run = async (
  example: { text: string; pair?: string; entities?: string[] },
  probability: number,
  language: Language,
  times = 2000,
) => {
  const segment = await createSegmenter(language);
  return Array.from({ length: times }, (_, i) =>
    augmentEntities(example, { probability, mask: '[MASK]', segment, language }, createRandom(1, i)),
  );
};
const share = <T>(values: readonly T[], of: (value: T) => boolean) => values.filter(of).length / values.length;

test('half of the time names are masked or taken out, each with the probability; only untouched names are handed on', async () => {
  // A text of one name alone: the words branch can be told by the full list of names.
  const all = await run({ text: '北京', entities: ['北京', '上海'] }, 0.2, 'zh', 4000);
  const names = all.filter(({ text, entities }) => entities!.length < 2 || text === '北京');
  expect(names.length).toBeGreaterThan(0);
  for (const { text, entities } of names) {
    if (entities!.includes('北京')) expect(text).toBe('北京');
    else expect(['[MASK]', '北京']).toContain(text); // a text never becomes empty
  }
  // 上海 is not in the text: it is lost in half of the cases x (mask .2 + out .2).
  expect(Math.abs(share(all, ({ entities }) => !entities!.includes('上海')) - 0.2)).toBeLessThan(0.03);
});

test('all places of a name go the same way', async () => {
  for (const { text, entities } of await run({ text: 'Reuters says Reuters erred', entities: ['Reuters'] }, 0.5, 'en', 200)) {
    if (entities!.length > 0) continue; // words branch
    expect(['[MASK] says [MASK] erred', 'says erred']).toContain(text);
  }
});

test('English names are whole words; a name is not looked for in a mask', async () => {
  for (const { text, entities } of await run({ text: 'Trump and the Trumpet, (Trump)', entities: ['Trump', 'MASK'] }, 0.5, 'en', 300)) {
    if (entities!.length === 2 || entities!.includes('Trump')) continue;
    expect(['[MASK] and the Trumpet, ([MASK])', 'and the Trumpet, ()']).toContain(text);
  }
});

test('the other half of the time words are taken out or masked, each with the probability, and the names stay', async () => {
  const text = Array.from({ length: 20 }, (_, i) => `w${i}`).join(' ');
  const all = await run({ text, entities: ['w3'] }, 0.1, 'en', 1000);
  const changed = all.filter((one) => one.text !== text && one.entities!.length === 1);
  const counts = changed.map((one) => {
    const left = one.text.split(' ');
    return { masked: left.filter((word) => word === '[MASK]').length, gone: 20 - left.length };
  });
  const mean = (of: 'masked' | 'gone') => counts.reduce((sum, count) => sum + count[of], 0) / counts.length;
  expect(Math.abs(mean('masked') - 2)).toBeLessThan(0.3);
  expect(Math.abs(mean('gone') - 2)).toBeLessThan(0.3);
  expect(Math.abs(changed.length / all.length - 0.5)).toBeLessThan(0.05);
});

test('without names half of the texts lose words and half are left alone; probability 0 changes nothing', async () => {
  const text = Array.from({ length: 40 }, (_, i) => `w${i}`).join(' ');
  const same = share(await run({ text }, 0.2, 'en'), (one) => one.text === text);
  expect(Math.abs(same - 0.5)).toBeLessThan(0.04);
  expect(share(await run({ text, entities: ['w1'] }, 0, 'en', 50), (one) => one.text === text)).toBe(1);
});

test('both texts of a pair', async () => {
  const all = await run({ text: 'Kyiv reports', pair: 'reports of Kyiv', entities: ['Kyiv'] }, 0.5, 'en', 200);
  for (const { text, pair, entities } of all) {
    if (entities!.length === 0)
      expect([`${text}|${pair}`]).toContain(text.includes('[MASK]') ? '[MASK] reports|reports of [MASK]' : 'reports|reports of');
  }
});
