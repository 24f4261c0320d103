/** @file Texts as rows of tokens. Nothing is cut off: what is too long becomes several rows. */
import type { Encoding, Tokenizer } from '../../models/index.js';
import type { Unlabelled } from '../data/example.js';
import type { Row } from './masking.js';
import type { WordFinder } from './words.js';

type RowOptions = { readonly tokenizer: Tokenizer; readonly maxTokens: number; readonly words: WordFinder };

/** Rows with no token to learn from are left out. A pair is one row, and only of pairs the ends are lost where they are too long. */
export async function toRows(texts: readonly Unlabelled[], { tokenizer, maxTokens, words }: RowOptions): Promise<readonly Row[]> {
  const { before, after } = await surroundings(tokenizer);
  const inputs = texts.map(({ text, pair }) => (pair === undefined ? text : ([text, pair] as const)));
  const [singles, pairs] = [inputs.filter((input) => typeof input === 'string'), inputs.filter((input) => typeof input !== 'string')];
  const whole = await tokenizer.encode(singles, wholeText);
  const cut = await tokenizer.encode(pairs, maxTokens);
  const rows = [
    ...whole.flatMap((encoding, i) => windows({ ...encoding, words: words(encoding.ids, singles[i]!) }, { before, after, maxTokens })),
    ...cut.map((encoding, i) => ({ ids: encoding.ids, types: encoding.types, words: words(encoding.ids, pairs[i]!) })),
  ];
  return rows.filter((row) => row.words.some((word) => word >= 0));
}

/** Longer than any text. */
const wholeText = 2 ** 30;

/** Special tokens before and after every text. */
async function surroundings(tokenizer: Tokenizer): Promise<{ readonly before: number; readonly after: number }> {
  const [empty, full] = (await tokenizer.encode(['', 'a'], wholeText)).map(({ ids }) => ids) as [readonly number[], readonly number[]];
  const before = full.findIndex((id, at) => id !== empty[at]);
  return { before, after: empty.length - before };
}

type Frame = { readonly before: number; readonly after: number; readonly maxTokens: number };

function windows({ ids, types, words }: Row & Pick<Encoding, 'types'>, { before, after, maxTokens }: Frame): readonly Row[] {
  const inner = ids.length - before - after;
  const room = maxTokens - before - after;
  const count = Math.max(1, Math.ceil(inner / room));
  const size = Math.ceil(inner / count); // alike, rather than a last one of few tokens
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [before + i * size, before + Math.min(inner, (i + 1) * size)];
    const part = <T>(list: readonly T[]): T[] => [...list.slice(0, before), ...list.slice(from, to), ...list.slice(ids.length - after)];
    return { ids: part(ids), types: part(types), words: part(words) };
  });
}
