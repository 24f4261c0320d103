/** @file Texts, of mixed length or all of one, made of the headlines that come with the project. No two are equal: a server computes equal ones once. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageFolder } from '../../models/bundle/node.js';
import { invariant, type Tokenizer } from '../../models/index.js';

/** How many headlines make one text, up to which share of the texts: headlines, teasers, articles. */
const lengths = [
  { upTo: 0.6, headlines: [1, 1] },
  { upTo: 0.9, headlines: [2, 5] },
  { upTo: 1, headlines: [12, 20] },
] as const;

/** @returns `count` texts, the same every time */
export async function mixedTexts(root = packageFolder(), count = 400): Promise<readonly string[]> {
  const headlines = await readHeadlines(root);
  const random = uniform();
  const between = ([least, most]: readonly [number, number]): number => least + Math.floor(random() * (most - least + 1));
  const texts = new Set<string>();
  while (texts.size < count) {
    const drawn = random();
    const many = between((lengths.find(({ upTo }) => drawn < upTo) ?? lengths[0]).headlines);
    texts.add(Array.from({ length: many }, () => headlines[between([0, headlines.length - 1])]!).join('. '));
  }
  return [...texts];
}

/** Texts that are all of `tokens` tokens: of words that this tokenizer leaves whole, in any order. @returns `count` of them, the same every time */
export async function textsOfTokens(tokens: number, tokenizer: Tokenizer, count = 400): Promise<readonly string[]> {
  const words = [...new Set((await readHeadlines(packageFolder())).flatMap((line) => line.match(/[A-Za-z]+/g) ?? []))];
  const [none, ...encoded] = await tokenizer.encode(['', ...words], tokens);
  const special = none!.ids.length;
  const whole = words.filter((_, i) => encoded[i]!.ids.length === special + 1);
  invariant(whole.length > 1 && tokens > special, `bench: no texts of ${tokens} tokens can be made of ${whole.length} words`);
  const random = uniform();
  const texts = new Set<string>();
  for (let tried = 0; texts.size < count && tried < 10 * count; tried++)
    texts.add(Array.from({ length: tokens - special }, () => whole[Math.floor(random() * whole.length)]!).join(' '));
  return [...texts];
}

async function readHeadlines(root: string): Promise<readonly string[]> {
  const lines = (await readFile(join(root, 'examples', 'headlines.train.jsonl'), 'utf8')).trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as { text: string }).text);
}

/** Numbers in 0..1, by the linear congruential generator of Numerical Recipes. */
export function uniform(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
