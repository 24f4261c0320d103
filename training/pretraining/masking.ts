/** @file Which tokens of a text a model has to tell, and what stands in their places. */
import { z } from 'zod';
import { languages } from '../data/language/language.js';
import type { Random } from '../data/random.js';
import type { Vocabulary } from './vocabulary.js';

const share = z.number().min(0).max(1);

/** As BERT does it, whole words at once (Devlin et al. 2018), and other ones in each epoch (RoBERTa, Liu et al. 2019). */
export const maskingSchema = z
  .strictObject({
    /** Share of a text's tokens that are to be told; special and unknown ones are not counted. */
    rate: z.number().gt(0).lt(1).default(0.15),
    /** Of those: the share with the mask token in their place, */
    mask: share.default(0.8),
    /** with any other token, */
    random: share.default(0.1),
    /** and as they are. */
    keep: share.default(0.1),
    /** The pieces of a word together. `zh`: also the characters of a Chinese word, as jieba finds it; `en`: pieces alone; `true`: as the texts
     *  are; `false`: each token for itself. */
    wholeWord: z.union([z.boolean(), z.enum(languages)]).default(true),
  })
  .refine(({ mask, random, keep }) => Math.abs(mask + random + keep - 1) < 1e-6, {
    message: 'mask, random and keep together must be 1',
    path: ['keep'],
  });

export type Masking = z.infer<typeof maskingSchema>;

/** A text, or a part of one, as it is learnt from. */
export type Row = {
  readonly ids: readonly number[];
  readonly types: readonly number[];
  /** Which word each token belongs to; -1: none that may be masked. */
  readonly words: readonly number[];
};

export type MaskedRow = {
  /** With other tokens in some places. */
  readonly ids: readonly number[];
  /** Those places, rising; never empty. */
  readonly places: readonly number[];
  /** The ids that stood there. */
  readonly wanted: readonly number[];
};

/** Words are taken in a random order until the share is reached. The last may go beyond it: else long words would never be asked for in short
 *  texts. */
export function maskRow(
  { ids, words }: Row,
  { rate, mask, random: other }: Masking,
  { maskId, ordinary }: Vocabulary,
  random: Random,
): MaskedRow {
  const places = chosen(words, rate, random);
  const changed = [...ids];
  for (const place of places) {
    const draw = random.next();
    if (draw < mask) changed[place] = maskId;
    else if (draw < mask + other) changed[place] = ordinary[random.below(ordinary.length)]!;
  }
  return { ids: changed, places, wanted: places.map((place) => ids[place]!) };
}

function chosen(words: readonly number[], rate: number, random: Random): readonly number[] {
  const byWord = new Map<number, number[]>();
  for (const [place, word] of words.entries()) {
    if (word < 0) continue;
    const places = byWord.get(word);
    if (places) places.push(place);
    else byWord.set(word, [place]);
  }
  const all = random.shuffle([...byWord.values()]);
  const enough = Math.max(1, Math.round(rate * all.reduce((sum, { length }) => sum + length, 0)));
  const taken: number[] = [];
  for (const word of all) if (taken.length < enough) taken.push(...word);
  return taken.sort((a, b) => a - b);
}
