import { expect, test } from 'vitest';
import { trainWordPiece } from '../../models/index.js';
import { createTokenizer } from '../../models/text/node.js';
import { createRandom } from '../data/random.js';
import { type Masking, maskingSchema, maskRow, type Row } from './masking.js';
import { readVocabulary } from './vocabulary.js';
import { createWordFinder } from './words.js';

const texts = ['Bakers rebuilt the harbour bridges', 'the bridges of the bakers', 'a harbour, rebuilt'];
const tokenizerJson = await trainWordPiece({ texts, vocabularySize: 60, minFrequency: 3 });
const vocabulary = readVocabulary(tokenizerJson, { masked: true });
const tokenizer = createTokenizer(tokenizerJson);
const masking = (given: object = {}): Masking => maskingSchema.parse(given);

async function rowOf(text: string): Promise<Row> {
  const words = await createWordFinder(vocabulary, 'en');
  const [{ ids, types } = { ids: [], types: [] }] = await tokenizer.encode([text], 64);
  return { ids, types, words: words(ids, text) };
}

test('the same seed, epoch and row mask the same tokens; another epoch masks others', async () => {
  const row = await rowOf(texts[0]!);
  const draw = (...seeds: number[]) => maskRow(row, masking({ rate: 0.3 }), vocabulary, createRandom(...seeds));
  expect(draw(1, 0, 7)).toEqual(draw(1, 0, 7));
  const drawn = new Set(Array.from({ length: 20 }, (_, epoch) => draw(1, epoch, 7).places.join()));
  expect(drawn.size).toBeGreaterThan(2);
});

test('whole words: either every piece of a word is asked for or none, and never a special token', async () => {
  const row = await rowOf(texts[0]!);
  expect(new Set(row.words).size - 1).toBe(5);
  expect(row.words[0]).toBe(-1);
  expect(row.words.at(-1)).toBe(-1);
  for (let epoch = 0; epoch < 50; epoch++) {
    const { ids, places, wanted } = maskRow(row, masking({ rate: 0.4 }), vocabulary, createRandom(3, epoch));
    const asked = new Set(places.map((place) => row.words[place]));
    expect(asked.has(-1)).toBe(false);
    expect(row.words.filter((word) => asked.has(word))).toHaveLength(places.length);
    expect(wanted).toEqual(places.map((place) => row.ids[place]));
    for (const [at, id] of ids.entries()) if (!places.includes(at)) expect(id).toBe(row.ids[at]);
  }
});

test('of what is asked for, 8 of 10 are masked, 1 of 10 is another token and 1 of 10 is left', () => {
  const count = 4000;
  const ids = Array.from({ length: count }, (_, i) => vocabulary.ordinary[i % 10]!);
  const row = { ids, types: ids, words: [...ids.keys()] };
  const masked = maskRow(row, masking({ rate: 0.5, wholeWord: false }), vocabulary, createRandom(5));
  expect(masked.places).toHaveLength(count / 2);
  const now = masked.places.map((place) => masked.ids[place]!);
  const shareOf = (is: (id: number, i: number) => boolean) => now.filter(is).length / now.length;
  expect(shareOf((id) => id === vocabulary.maskId)).toBeCloseTo(0.8, 1);
  const others = shareOf((id, i) => id !== vocabulary.maskId && id !== masked.wanted[i]);
  expect(others).toBeGreaterThan(0.06);
  expect(others).toBeLessThan(0.13);
  expect(now.some((id) => vocabulary.special.has(id) && id !== vocabulary.maskId)).toBe(false);
});

test('something is always asked for, even where every word is longer than the share', async () => {
  const row = await rowOf('rebuilt');
  expect(row.ids.length).toBeGreaterThan(4);
  const { places } = maskRow(row, masking({ rate: 0.15 }), vocabulary, createRandom(1));
  expect(places).toHaveLength(row.ids.length - 2);
});

test('the three shares must be all', () => {
  expect(maskingSchema.safeParse({ mask: 0.9 }).error?.issues[0]).toMatchObject({ message: 'mask, random and keep together must be 1' });
});
