/** @file Which tokens make which word. Tokenizers do not say, so each word is read alone, and what comes of it is held against the whole. */
import type { Encoding, Tokenizer } from '../../models/index.js';
import type { Span } from '../protocol/index.js';
import { type Place, splitWords } from './split-words.js';

/** A word, or a few that no token parts, and how many tokens of its text are its own. */
export type TokenWord = Place & { readonly kind: Span['kind']; readonly tokens: number };

/** Words that are taken together where no token parts them; of more nothing could be told. */
const mostJoined = 6;
/** Words of which no token may be left: what cannot be read is no token everywhere. */
const slack = 16;
/** Nothing is cut. */
const noLimit = Number.MAX_SAFE_INTEGER;

/**
 * The words of a text whose tokens `read` are, in their order. Where words run into one another (an emoji at the end of a word), they
 * are one passage.
 *
 * @param read ids of the text alone, without special tokens
 * @param whole whether they are all of it
 * @returns `undefined` where it cannot be told
 */
export async function tokenWords(
  text: string,
  read: readonly number[],
  { tokenizer, whole }: { readonly tokenizer: Pick<Tokenizer, 'encode'>; readonly whole: boolean },
): Promise<readonly TokenWord[] | undefined> {
  const words = splitWords(text, read.length + slack);
  if (words.length === 0) return read.length === 0 ? [] : undefined;
  const idsOf = async (places: readonly Place[]): Promise<readonly (readonly number[])[]> => {
    // What lies before a word belongs to it: many tokenizers read the space into it.
    const pieces = places.map(({ end }, i) => text.slice(places[i - 1]?.end ?? 0, whole && i === places.length - 1 ? text.length : end));
    return (await tokenizer.encode(pieces, noLimit)).map(ownIds);
  };
  const alone = await idsOf(words);
  if (agrees(alone.flat(), read, whole)) return share(words.map((word) => ({ ...word, kind: 'word' })), alone, read.length); // biome-ignore format: short

  const groups = runningTogether(text, words);
  const together = await idsOf(groups.map(placeOf));
  if (!agrees(together.flat(), read, whole)) return undefined;
  const parts: { readonly word: Omit<TokenWord, 'tokens'>; readonly ids: readonly number[] }[] = [];
  let next = 0;
  for (const [i, group] of groups.entries()) {
    const own = alone.slice(next, next + group.length);
    next += group.length;
    const ids = together[i]!;
    if (own.flat().join() === ids.join())
      for (const [j, word] of group.entries()) parts.push({ word: { ...word, kind: 'word' }, ids: own[j]! }); // biome-ignore format: one idea
    else if (group.length > mostJoined) return undefined;
    else parts.push({ word: { ...placeOf(group), kind: group.length > 1 ? 'passage' : 'word' }, ids });
  }
  return share(parts.map(({ word }) => word), parts.map(({ ids }) => ids), read.length); // biome-ignore format: short
}

const ownIds = ({ ids, places }: Encoding): readonly number[] => (places?.[0] ? ids.slice(places[0].start, places[0].end) : ids);

/** Where the end was not read, it may be cut within a word. */
function agrees(ids: readonly number[], read: readonly number[], whole: boolean): boolean {
  if (whole ? ids.length !== read.length : ids.length < read.length) return false;
  return read.every((id, i) => id === ids[i]);
}

/** What was read is shared out in order; a word of which nothing was read is none. */
function share(words: readonly Omit<TokenWord, 'tokens'>[], ids: readonly (readonly number[])[], read: number): readonly TokenWord[] {
  const shared: TokenWord[] = [];
  let left = read;
  for (const [i, word] of words.entries()) {
    const tokens = Math.min(left, ids[i]!.length);
    if (left === 0 && ids[i]!.length > 0) break;
    shared.push({ ...word, tokens });
    left -= tokens;
  }
  return shared;
}

/** Groups of words between which there is nothing at which any tokenizer is sure to part them. */
function runningTogether(text: string, words: readonly Place[]): readonly (readonly Place[])[] {
  const groups: Place[][] = [];
  for (const [i, word] of words.entries()) {
    const before = words[i - 1];
    if (before && !parting.test(around(text, before.end, word.start))) groups.at(-1)!.push(word);
    else groups.push([word]);
  }
  return groups;
}

/** What stands between two places, with a character on either side. */
const around = (text: string, end: number, start: number): string =>
  [...text.slice(Math.max(0, end - 2), end)].at(-1) + text.slice(end, start) + String.fromCodePoint(text.codePointAt(start)!);

const parting = /[\s\p{P}\p{sc=Han}]/u;

const placeOf = (words: readonly Place[]): Place => ({ start: words[0]!.start, end: words.at(-1)!.end });
