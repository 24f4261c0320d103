/** @file Further texts of a scarce label, written by a language model from the beginnings of the texts that there are. */
import type { Decoder, Tokenizer } from '../../models/index.js';
import { generate, generationSchema } from '../../models/index.js';
import type { Detokenizer } from '../../models/text/node.js';
import { createRandom } from '../data/random.js';
import { frame, type Vocabulary } from '../pretraining/vocabulary.js';

/** A GPT-2, as far as it is needed to write. */
export type Writer = {
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  readonly detokenize: Detokenizer;
  readonly vocabulary: Vocabulary;
};

export type LikeOptions = {
  /** Of the label: what is written begins as one of them does. */
  readonly texts: readonly string[];
  /** What is written must be none of these, and no part of one: the texts of train, val and test. */
  readonly known: readonly string[];
  readonly count: number;
  readonly seed: number;
  /** Most tokens of a beginning that is given; a word is not cut. */
  readonly promptTokens: number;
  /** Words, or Chinese characters, of a text that is long enough. */
  readonly leastWords: number;
  readonly temperature: number;
  readonly topP: number;
  readonly noRepeatNgram: number;
  /** Whether a text is taken: by a classifier, say. */
  readonly accept?: (texts: readonly string[]) => Promise<readonly boolean[]>;
  readonly signal?: AbortSignal;
};

/** What was written, and what became of it. */
export type Tally = {
  written: number;
  kept: number;
  /** That did not come to an end. */
  unfinished: number;
  short: number;
  /** Texts that are known, and those written twice. */
  copies: number;
  /** By `accept`. */
  refused: number;
};

/** Texts written in one batch, and at most for each that is wanted: a model that knows its texts by heart would never be done. */
const [together, triesForEach] = [32, 20];

/** Yields texts until there are `count`, or too few of those that are written can be kept; returns the tally. The same seed, the same texts. */
export async function* writeLike(writer: Writer, options: LikeOptions): AsyncGenerator<string, Tally> {
  const { count, seed, accept } = options;
  const prompts = await promptsOf(writer, options);
  const known = new Known(options.known);
  const tally: Tally = { written: 0, kept: 0, unfinished: 0, short: 0, copies: 0, refused: 0 };
  for (let round = 0; tally.kept < count && tally.written < count * triesForEach; round++) {
    if (options.signal?.aborted) break;
    const random = createRandom(seed, round);
    const chosen = Array.from({ length: together }, () => prompts(random.below));
    const longest = Math.max(...chosen.map(({ length }) => length));
    const sampled = generationSchema.parse({
      kind: 'sample',
      maxNewTokens: writer.decoder.maxTokens - longest,
      endToken: await endOf(writer),
      temperature: options.temperature,
      topP: options.topP,
      noRepeatNgram: options.noRepeatNgram,
    });
    const written = await generate(writer.decoder, { prompts: chosen, config: sampled, random: random.next });
    const ended = written.filter((one) => one.ended);
    const texts = await writer.detokenize(ended.map(({ ids }) => ids));
    const long = texts.filter((text) => lengthOf(text) >= options.leastWords);
    const fresh = long.filter((text) => known.add(text));
    const taken = accept && fresh.length > 0 ? await accept(fresh) : fresh.map(() => true);
    tally.written += written.length;
    tally.unfinished += written.length - ended.length;
    tally.short += texts.length - long.length;
    tally.copies += long.length - fresh.length;
    tally.refused += taken.filter((is) => !is).length;
    for (const text of fresh.filter((_, i) => taken[i])) {
      if (tally.kept >= count) break;
      tally.kept += 1;
      yield text;
    }
  }
  return tally;
}

const endOf = async ({ tokenizer }: Writer): Promise<number> => frame((await tokenizer.encode([''], 8))[0]!.ids).end;

/** Draws the beginning of a text: its start token and some tokens, to the end of a word. */
async function promptsOf({ tokenizer, vocabulary }: Writer, { texts, promptTokens }: LikeOptions) {
  const encodings = await tokenizer.encode(texts, 2 ** 30);
  return (below: (limit: number) => number): readonly number[] => {
    const ids = encodings[below(encodings.length)]!.ids.slice(0, -1);
    let length = 1 + 1 + below(promptTokens);
    while (length < ids.length && vocabulary.continues(vocabulary.pieces[ids[length]!] ?? '')) length += 1;
    return ids.slice(0, length);
  };
}

/** Texts as far as letters and digits go, in lower case: white space, marks and case are the tokenizer's. */
class Known {
  #all: string;

  constructor(texts: readonly string[]) {
    this.#all = `\n${texts.map(letters).join('\n')}\n`;
  }

  /** @returns whether the text is new: not one of them, nor a part of one */
  add(text: string): boolean {
    const key = letters(text);
    if (this.#all.includes(key)) return false;
    this.#all += `${key}\n`;
    return true;
  }
}

const letters = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

const lengthOf = (text: string): number => text.match(/\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{N}])+/gu)?.length ?? 0;
