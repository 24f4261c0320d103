/** @file Words weighed by leaving them out: what the label loses without a word is that word's weight. */
import type { TextInput } from '../../models/index.js';
import type { Explanation, Span } from '../protocol/index.js';
import type { Explainer } from './explainer.js';
import { strengthOf } from './log-odds.js';
import { partRead, type ReadTokens } from './part-read.js';
import { type Passage, passagesOf, split } from './passages.js';
import { inOrder, round } from './spans.js';
import { type Place, splitWords } from './split-words.js';
import { withoutSpan } from './without-span.js';

export type OcclusionParts = {
  /** Logits of texts, `[texts][labels]`. */
  readonly ask: (inputs: readonly TextInput[]) => Promise<readonly ArrayLike<number>[]>;
  readonly read: ReadTokens;
  /** Texts that may be asked for one explanation; at least 4. */
  readonly calls: number;
  /** How a span is taken out of its text. Default: it is left out. */
  readonly hide?: (text: string, span: Place) => string;
};

/** Words of one text that are told apart; what follows them is one passage. Far more than models read. */
const mostWords = 1_000;

/** What is taken out at once. */
type Piece = { readonly of: Span['of']; readonly words: Passage; readonly sealed?: true };

/**
 * One call for the text without any word, then one for each word. Where that is more than `calls`, half of them go to passages and the
 * rest to the words of those that weigh most.
 */
export function createOcclusion({ ask, read, calls, hide = withoutSpan }: OcclusionParts): Explainer {
  return async ({ input, rules, label, logits, truncated }) => {
    const part = truncated ? await partRead(input, read, mostWords) : input;
    const strength = strengthOf(rules, label);
    const whole = strength(logits);
    const unit: Explanation['unit'] = rules.activation === 'none' ? 'value' : 'log-odds';
    const pieces = firstPieces(part, calls - 1);
    if (pieces.length === 0) return { method: 'occlusion', label, unit, whole: round(whole), empty: round(whole), spans: [] };

    const strengthWithout = async (hidden: readonly TextInput[]): Promise<readonly number[]> => (await ask(hidden)).map(strength);
    const without = (piece: Piece): TextInput => change(part, piece.of, (text) => hide(text, placeOf(piece)));
    const nothing: TextInput = typeof part === 'string' ? '' : ['', ''];
    const [empty = whole, ...first] = await strengthWithout([nothing, ...pieces.map(without)]);
    const weighed = pieces.map((piece, i) => ({ piece, weight: whole - first[i]! }));

    const opened = open(weighed, calls - 1 - pieces.length);
    const inside = [...opened.values()].flat();
    const second = inside.length > 0 ? await strengthWithout(inside.map(without)) : [];
    const all = [
      ...weighed.filter(({ piece }) => !opened.has(piece)),
      ...inside.map((piece, i) => ({ piece, weight: whole - second[i]! })),
    ];
    const spans = all.map(({ piece, weight }): Span => ({ of: piece.of, ...placeOf(piece), kind: kindOf(piece), weight: round(weight) }));
    return { method: 'occlusion', label, unit, whole: round(whole), empty: round(empty), spans: spans.sort(inOrder) };
  };
}

/** Words where there are at most `most`, else passages, which then leave half of the calls for words. */
function firstPieces(input: TextInput, most: number): readonly Piece[] {
  const texts = (typeof input === 'string' ? [input] : input).map((text, i) => {
    const words = splitWords(text, mostWords);
    const end = words.at(-1)?.end ?? 0;
    const [tail] = words.length < mostWords ? [] : splitWords(text.slice(end), 1);
    return { of: i === 0 ? 'text' : 'pair', text, words, tail: tail && [{ start: end + tail.start, end: text.length }] } as const;
  });
  const count = texts.reduce((sum, { words, tail }) => sum + words.length + (tail ? 1 : 0), 0);
  const room = count <= most ? most : Math.floor(most / 2);
  return texts.flatMap(({ of, text, words, tail }) => {
    const share = count <= most ? words.length : Math.max(1, Math.floor((room * words.length) / count));
    const pieces = passagesOf(text, words, share).map((passage): Piece => ({ of, words: passage }));
    return tail ? [...pieces, { of, words: tail, sealed: true }] : pieces;
  });
}

/** The passages that weigh most, as words; the last of them in as many parts as there are calls left. */
function open(weighed: readonly { readonly piece: Piece; readonly weight: number }[], calls: number): ReadonlyMap<Piece, readonly Piece[]> {
  const opened = new Map<Piece, readonly Piece[]>();
  let left = calls;
  const strongest = [...weighed].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  for (const { piece } of strongest) {
    const parts = Math.min(left, piece.words.length);
    if (piece.words.length < 2 || parts < 2) continue;
    opened.set(piece, split(piece.words, parts).map((words) => ({ of: piece.of, words }))); // biome-ignore format: short
    left -= parts;
  }
  return opened;
}

const placeOf = ({ words }: Piece): Place => ({ start: words[0]!.start, end: words.at(-1)!.end });
const kindOf = ({ words, sealed }: Piece): Span['kind'] => (words.length > 1 || sealed ? 'passage' : 'word');

function change(input: TextInput, of: Span['of'], edit: (text: string) => string): TextInput {
  if (typeof input === 'string') return edit(input);
  return of === 'text' ? [edit(input[0]), input[1]] : [input[0], edit(input[1])];
}
