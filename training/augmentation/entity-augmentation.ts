/** @file Texts that lose names, or words, so that a model does not learn the names by heart (ENDEF, Zhu et al. 2022). */
import type { Language } from '../data/language/language.js';
import type { Segmenter } from '../data/language/tokens.js';
import type { Random } from '../data/random.js';

type Named = { readonly text: string; readonly pair?: string; readonly entities?: readonly string[] };

export type EntityAugmentation = {
  /** How probably a name or word is masked, and how probably it is taken out. */
  readonly probability: number;
  /** The mask token of the tokenizer. */
  readonly mask: string;
  readonly segment: Segmenter;
  readonly language: Language;
};

/** With even odds, either: each name is masked wherever it stands, taken out, or kept, and only the kept ones stay in `entities`. Or: each word,
 *  from the end, is taken out, masked or kept, and the names stay all. Draws are whole numbers of 1 to 100, as in the original. */
export function augmentEntities<T extends Named>(example: T, augmentation: EntityAugmentation, random: Random): T {
  return random.next() < 0.5 ? changeNames(example, augmentation, random) : changeWords(example, augmentation, random);
}

type Fate = 'first' | 'second' | 'kept';

/** A draw of 1 to 100 against the probability and twice the probability. */
function drawFate(probability: number, random: Random): Fate {
  const draw = 1 + random.below(100);
  return draw <= Math.round(probability * 100) ? 'first' : draw <= Math.round(probability * 200) ? 'second' : 'kept';
}

function changeNames<T extends Named>(example: T, { probability, mask, language }: EntityAugmentation, random: Random): T {
  if (!example.entities) return example;
  const kept: string[] = [];
  const gone: { readonly name: string; readonly masked: boolean }[] = [];
  for (const name of example.entities) {
    const fate = drawFate(probability, random);
    if (fate === 'kept') kept.push(name);
    else gone.push({ name, masked: fate === 'first' });
  }
  // In pieces, so that a name such as "MASK" is not found in a mask that is there already.
  const change = (text: string) =>
    gone
      .reduce<readonly (string | null)[]>(
        (pieces, { name, masked }) =>
          pieces.flatMap((piece) => (piece === null ? [null] : without(piece, placesOf(name, language), masked))),
        [text],
      )
      .map((piece) => piece ?? mask)
      .join('');
  return { ...inTexts(example, change), entities: kept };
}

/** The text parted at each place, with `null` for a mask. */
function without(text: string, places: RegExp, masked: boolean): (string | null)[] {
  return text.split(places).flatMap((piece, at) => (at > 0 && masked ? [null, piece] : [piece]));
}

/** English names are whole words: "Trump" is not in "Trumpet". */
function placesOf(name: string, language: Language): RegExp {
  const literal = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const letter = '[\\p{L}\\p{N}]';
  const edges: { readonly [L in Language]: string } = { en: `(?<!${letter})${literal}(?!${letter})`, zh: literal };
  return new RegExp(edges[language], 'u');
}

function changeWords<T extends Named>(example: T, { probability, mask, segment }: EntityAugmentation, random: Random): T {
  return inTexts(example, (text) =>
    [...segment(text)]
      .reverse()
      .map((token) => {
        const fate = token.kind === 'space' ? 'kept' : drawFate(probability, random);
        return { first: '', second: mask, kept: token.text }[fate];
      })
      .reverse()
      .join(''),
  );
}

/** Both texts of a pair. Space is left where a word was; one of them is enough. A text that would be empty is a mask's bare place: it stays. */
function inTexts<T extends Named>(example: T, change: (text: string) => string): T {
  const changed = (text: string) => change(text).replace(/ {2,}/g, ' ').trim() || text;
  return { ...example, text: changed(example.text), ...(example.pair === undefined ? {} : { pair: changed(example.pair) }) };
}
