/** @file Which tokens are one word. */
import type { TextInput } from '../../models/index.js';
import type { Language } from '../data/language/language.js';
import { createSegmenter } from '../data/language/tokens.js';
import type { Vocabulary } from './vocabulary.js';

/** The word of each token, numbered from 0; -1 for special and unknown tokens. */
export type WordFinder = (ids: readonly number[], text: TextInput) => readonly number[];

/** @param language `zh` joins the characters of Chinese words, which are a token each; `undefined`: each token is a word for itself */
export async function createWordFinder(
  { pieces, special, continues }: Pick<Vocabulary, 'pieces' | 'special' | 'continues'>,
  language: Language | undefined,
): Promise<WordFinder> {
  const segment = language === 'zh' ? await createSegmenter('zh') : undefined;
  const hanOf = (text: TextInput): readonly Han[] => {
    if (!segment) return [];
    const tokens = (typeof text === 'string' ? [text] : text).flatMap(segment);
    return tokens.flatMap((token, word) => [...token.text].flatMap((character) => (isHan(character) ? [{ character, word }] : [])));
  };
  return (ids, text) => {
    const han = hanOf(text);
    let [next, word] = [0, -1];
    /** The Chinese word of the token before, -1 where it was none; undefined where it is no part of any word. */
    let before: number | undefined;
    return ids.map((id) => {
      const piece = pieces[id];
      if (special.has(id) || piece === undefined) {
        before = undefined;
        return -1;
      }
      const at = isHan(piece) ? findFrom(han, piece, next) : -1;
      if (at >= 0) next = at + 1;
      const chinese = at >= 0 ? han[at]!.word : -1;
      const joined = before !== undefined && language !== undefined && (chinese >= 0 ? chinese === before : continues(piece));
      if (!joined) word += 1;
      before = chinese;
      return word;
    });
  };
}

/** A Chinese character of a text, and the word that it is part of. */
type Han = { readonly character: string; readonly word: number };

const isHan = (piece: string): boolean => /^\p{Script=Han}$/u.test(piece);

/** The characters that are unknown to the vocabulary are passed over. */
function findFrom(han: readonly Han[], character: string, from: number): number {
  for (let at = from; at < han.length; at++) if (han[at]!.character === character) return at;
  return -1;
}
