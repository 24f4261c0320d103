/** @file Which part of a text a model reads: what it never saw explains nothing. */
import type { TextInput } from '../../models/index.js';
import { type Place, splitWords } from './split-words.js';

/** Ids of the tokens that are read of a text or pair, of all its readings. */
export type ReadTokens = (input: TextInput) => Promise<readonly number[]>;

/**
 * The shortest beginning, in whole words, that reads the same as the whole text; of a pair, the two beginnings. A word left out of it
 * draws in no more than the rest of its last word, where a word left out of the whole text would draw in what stood beyond the end.
 *
 * @param most words that are looked at, of each text; where that is not enough the text is given back whole
 */
export async function partRead(input: TextInput, read: ReadTokens, most: number): Promise<TextInput> {
  const whole = await read(input);
  const same = async (candidate: TextInput): Promise<boolean> => {
    const tokens = await read(candidate);
    return tokens.length === whole.length && tokens.every((token, i) => token === whole[i]);
  };
  if (typeof input === 'string') return shortest(input, same, most);
  const [text, pair] = input;
  const first = await shortest(text, (beginning) => same([beginning, pair]), most);
  return [first, await shortest(pair, (beginning) => same([first, beginning]), most)];
}

async function shortest(text: string, same: (beginning: string) => Promise<boolean>, most: number): Promise<string> {
  for (let size = 512; ; size *= 4) {
    const all = size >= text.length;
    const words = splitWords(all ? text : text.slice(0, size), most);
    const safe = all ? words : words.slice(0, -1); // the last may go on
    const last = safe.at(-1);
    if (last && (await same(text.slice(0, last.end)))) return text.slice(0, (await firstThat(safe, ({ end }) => same(text.slice(0, end)))).end); // biome-ignore format: one idea
    if (all || words.length >= most) return text;
  }
}

/** By halving; `holds` is true of the last, and of all after the first of which it is. */
async function firstThat(places: readonly Place[], holds: (place: Place) => Promise<boolean>): Promise<Place> {
  let [low, high] = [0, places.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (await holds(places[middle]!)) high = middle;
    else low = middle + 1;
  }
  return places[high]!;
}
