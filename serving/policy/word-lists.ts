/** @file Which words of which lists stand in a text. */
import { UsageError } from '../../models/index.js';
import { foldText } from './fold-text.js';
import type { ListSettings } from './policy-file.js';
import { mayBeIn } from './text-language.js';
import { createWordSearch } from './word-search.js';

/** A list with its words at hand, wherever they came from. */
export type WordList = Pick<ListSettings, 'action' | 'language' | 'match' | 'overrides'> & {
  readonly name: string;
  readonly words: readonly string[];
};

export type WordHit = { readonly list: WordList /** As it stands in the list. */; readonly word: string };

/** The first word in the text that blocks, and that holds for review; of those that allow, the one that overrules most. */
export type WordHits = { readonly [A in Action]?: WordHit };

type Action = WordList['action'];

export type WordLists = {
  /**
   * @param texts a text, or the two of a pair, which are searched apart
   * @param use names of the lists that count
   * @param language of the texts, where it is known
   */
  find(texts: readonly string[], use: ReadonlySet<string>, language: string | undefined): WordHits;
};

/** What a book of lists may come to: about 80 MB, and a second to build. */
export const wordLimits = { characters: 100, wordsInList: 100_000, charactersInAll: 2_000_000 };

/** One way in which a spelling counts: the list it is of, and which of its ends must be the end of a word. */
type Entry = WordHit & { readonly wordStart: boolean; readonly wordEnd: boolean };

/** @param where the policy file, for messages
 *  @throws UsageError `config/invalid` for a word without letters, too long a word, or too many */
export function createWordLists(lists: readonly WordList[], where: string): WordLists {
  const entries = new Map<string, Entry[]>();
  for (const list of lists) {
    const at = `${where}: lists.${list.name}`;
    if (list.words.length > wordLimits.wordsInList) throw tooMany(at, `${list.words.length} words`, `${wordLimits.wordsInList}`);
    for (const word of list.words) {
      const { spelling, entry } = entryOf(list, word, at);
      const same = entries.get(spelling);
      if (same) same.push(entry);
      else entries.set(spelling, [entry]);
    }
  }
  const spellings = [...entries.keys()];
  const characters = spellings.reduce((sum, { length }) => sum + length, 0);
  if (characters > wordLimits.charactersInAll)
    throw tooMany(`${where}: lists`, `${characters} characters in all`, `${wordLimits.charactersInAll}`);
  const bySpelling = [...entries.values()];
  const search = createWordSearch(spellings);

  /** Calls `found` for each entry that stands in the text as its list wants it. */
  const scan = (text: string, counts: (list: WordList) => boolean, found: (entry: Entry, start: number, end: number) => void): void =>
    search.scan(text, (spelling, start, end) => {
      for (const entry of bySpelling[spelling]!) {
        if (!counts(entry.list)) continue;
        if (entry.wordStart && joins(lastCharacter(text, start))) continue;
        if (entry.wordEnd && joins(text.codePointAt(end))) continue;
        found(entry, start, end);
      }
    });

  const searchIn = (text: string, counts: (list: WordList) => boolean, allowing: boolean, hits: Partial<Record<Action, WordHit>>): void => {
    const allowed: Span[] = [];
    const allows = (list: WordList): boolean => list.action === 'allow' && counts(list);
    const holds = (list: WordList): boolean => list.action !== 'allow' && hits[list.action] === undefined && counts(list);
    if (allowing)
      scan(text, allows, (entry, start, end) => {
        if (allowed.at(-1)?.end !== end) allowed.push({ start, end }); // the longest at an end comes first
        if (!hits.allow || strength[entry.list.overrides] > strength[hits.allow.list.overrides]) hits.allow = entry;
      });
    const inside = insideOf(allowed);
    scan(text, holds, (entry, start, end) => {
      if (!inside(start, end)) hits[entry.list.action] ??= entry;
    });
  };

  return {
    find(texts, use, language) {
      const hits: Partial<Record<Action, WordHit>> = {};
      if (use.size === 0) return hits;
      const folded = texts.map(foldText);
      const allowing = lists.some(({ action, name }) => action === 'allow' && use.has(name));
      const counting = new Map<WordList, boolean>();
      const counts = (list: WordList): boolean => {
        const known = counting.get(list);
        if (known !== undefined) return known;
        const does = use.has(list.name) && isFor(list, folded, language);
        counting.set(list, does);
        return does;
      };
      for (const text of folded) searchIn(text, counts, allowing, hits);
      return Object.fromEntries(Object.entries(hits).map(([action, { list, word }]) => [action, { list, word }]));
    },
  };
}

const strength: { readonly [O in WordList['overrides']]: number } = { words: 0, review: 1, block: 2 };

function isFor({ language: wanted }: WordList, texts: readonly string[], language: string | undefined): boolean {
  if (wanted === '*') return true;
  const languages = typeof wanted === 'string' ? [wanted] : wanted;
  if (language !== undefined) return languages.includes(language);
  const text = texts.join('\n');
  return languages.some((one) => mayBeIn(text, one));
}

function entryOf(list: WordList, word: string, at: string): { readonly spelling: string; readonly entry: Entry } {
  const folded = foldText(word).trim();
  const spelling = folded.replace(/^\*|\*$/g, '').trim();
  const shown = JSON.stringify(word.slice(0, 40));
  if (spelling === '') throw new UsageError('config/invalid', `${at}: ${shown} has nothing to look for`, 'take it out of the list.');
  if (spelling.length > wordLimits.characters) {
    const what = `${at}: ${shown} has ${spelling.length} characters; a word or phrase may have ${wordLimits.characters}`;
    throw new UsageError('config/invalid', what, 'write what is telling of it.');
  }
  const whole = list.match === 'words';
  const entry = {
    list,
    word,
    wordStart: whole && !folded.startsWith('*') && joins(spelling.codePointAt(0)),
    wordEnd: whole && !folded.endsWith('*') && joins(lastCharacter(spelling, spelling.length)),
  };
  return { spelling, entry };
}

/**
 * Whether a character makes one word with its neighbours: a letter, a mark or a digit, but not of a script that is written without spaces.
 * Unicode's own word breaks (Intl.Segmenter) are not used: they take "l'idiot" and "idiot.you" for one word each, and 0.6 s for 50,000 letters.
 */
function joins(character: number | undefined): boolean {
  if (character === undefined) return false;
  const one = String.fromCodePoint(character);
  return /[\p{L}\p{M}\p{N}]/u.test(one) && !withoutSpaces.test(one);
}

const withoutSpaces =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}\p{scx=Java}\p{scx=Bali}]/u;

/** The one that ends before `end`. */
function lastCharacter(text: string, end: number): number | undefined {
  if (end === 0) return undefined;
  const code = text.charCodeAt(end - 1);
  return code >= 0xdc00 && code <= 0xdfff && end > 1 ? text.codePointAt(end - 2) : code;
}

type Span = { readonly start: number; readonly end: number };

/** Whether a stretch lies wholly in one of the spans. @param spans by their ends, no end twice */
function insideOf(spans: readonly Span[]): (start: number, end: number) => boolean {
  // For each span the earliest start of it and all that end later: what ends no later than it and starts there or after is inside one of them.
  const earliest = new Int32Array(spans.length);
  for (let i = spans.length - 1, least = Number.MAX_SAFE_INTEGER; i >= 0; i--) earliest[i] = least = Math.min(least, spans[i]!.start);
  return (start, end) => {
    let [low, high] = [0, spans.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (spans[middle]!.end < end) low = middle + 1;
      else high = middle;
    }
    return low < spans.length && earliest[low]! <= start;
  };
}

function tooMany(at: string, what: string, most: string): UsageError {
  return new UsageError('config/invalid', `${at}: ${what}; at most ${most} are allowed`, 'leave out what the model knows by itself.');
}
