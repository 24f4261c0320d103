/** @file The word lists that come with the package `segment` (MIT). Only its files are read; its code is never run. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

type List = 'dict' | 'dict2' | 'dict3' | 'names' | 'stopword' | 'synonym';

/** The lines of a list that hold anything. */
export async function dictionaryLines(list: List): Promise<string[]> {
  const path = createRequire(import.meta.url).resolve(`segment/dicts/${list}.txt`);
  const text = await readFile(path, 'utf8');
  return text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
}

/** The bits of a part of speech that say: a person, a place, a body, another name. */
const nameBits = 0x80 | 0x40 | 0x20 | 0x08;

/** What the dictionary holds of each word: whether one of its parts of speech is a name's. 150,000 words. */
export async function knownNames(): Promise<ReadonlyMap<string, boolean>> {
  const lists = await Promise.all((['dict', 'dict2', 'dict3', 'names'] as const).map(dictionaryLines));
  const names = new Map<string, boolean>();
  for (const line of lists.flat()) {
    const [word, partOfSpeech] = line.split('|');
    if (word && partOfSpeech) names.set(word, (names.get(word) ?? false) || (Number(partOfSpeech) & nameBits) !== 0);
  }
  return names;
}
