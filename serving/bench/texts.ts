/** @file Texts of mixed length, made of the headlines that come with the project. No two are equal: a server computes equal ones once. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How many headlines make one text, up to which share of the texts: headlines, teasers, articles. */
const lengths = [
  { upTo: 0.6, headlines: [1, 1] },
  { upTo: 0.9, headlines: [2, 5] },
  { upTo: 1, headlines: [12, 20] },
] as const;

/** @returns `count` texts, the same every time */
export async function mixedTexts(root: string, count = 400): Promise<readonly string[]> {
  const lines = (await readFile(join(root, 'examples', 'headlines.train.jsonl'), 'utf8')).trim().split('\n');
  const headlines = lines.map((line) => (JSON.parse(line) as { text: string }).text);
  let state = 1;
  // A linear congruential generator with the constants of Numerical Recipes.
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const between = ([least, most]: readonly [number, number]): number => least + Math.floor(random() * (most - least + 1));
  const texts = new Set<string>();
  while (texts.size < count) {
    const drawn = random();
    const many = between((lengths.find(({ upTo }) => drawn < upTo) ?? lengths[0]).headlines);
    texts.add(Array.from({ length: many }, () => headlines[between([0, headlines.length - 1])]!).join('. '));
  }
  return [...texts];
}
