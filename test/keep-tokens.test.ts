import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import {
  architectureSchema,
  buildClassifier,
  fromStored,
  matchWeights,
  padBatch,
  storedShapes,
  tokenTensors,
  toOnnx,
} from '../models/index.js';
import { createSession } from '../models/runtime/node.js';
import { createTokenizer } from '../models/text/node.js';
import { readPretrained } from '../training/index.js';
import { keepTokens } from '../training/trainer/keep-tokens.js';
import type { Pretrained } from '../training/trainer/pretrained.js';
import { tinyTexts } from './tiny-run.js';

const folder = fileURLToPath(new URL('../../shared/pretrained/all-MiniLM-L6-v2/', import.meta.url));

/** What a classifier over the pre-trained encoder reads, [texts, width]. */
async function features({ encoder, vocabularySize, tokenizerJson, weights }: Pretrained, texts: readonly string[]): Promise<Float32Array> {
  const {
    builder,
    features: pooled,
    parameters,
  } = buildClassifier(architectureSchema.parse({ ...encoder, vocabularySize }), { labels: 2 });
  const { weights: matched } = matchWeights(storedShapes(parameters), weights);
  const session = await createSession(toOnnx(builder.graph([pooled]), { initializers: fromStored(parameters, matched) }));
  const tokenizer = createTokenizer(tokenizerJson);
  const tokens = padBatch(await tokenizer.encode(texts, 64), tokenizer.padId);
  const results = await session.run(tokenTensors(tokens));
  await session.dispose();
  return results[pooled.name]!.data as Float32Array;
}

test.skipIf(!existsSync(folder))(
  'MiniLM with the pieces of some texts alone: the same vectors bit by bit, and unseen words are still spelt (needs ../shared/pretrained)',
  async () => {
    const whole = await readPretrained(folder);
    const pruned = await keepTokens(whole, { keep: 'used', texts: tinyTexts });
    expect(whole.vocabularySize).toBe(30522);
    expect(pruned.vocabularySize).toBeLessThan(3000);
    expect(pruned.weights.get('embeddings.word_embeddings.weight')!.dims).toEqual([pruned.vocabularySize, 384]);
    expect(await features(pruned, tinyTexts)).toEqual(await features(whole, tinyTexts));

    const unknown = createTokenizer(pruned.tokenizerJson);
    const [{ ids } = { ids: [] }] = await unknown.encode(['zygomorphic'], 64);
    expect(ids).toHaveLength('zygomorphic'.length + 2); // letter by letter, none of them unknown

    const fewer = await keepTokens(whole, { keep: 200, texts: tinyTexts });
    expect(fewer.vocabularySize).toBeGreaterThanOrEqual(200);
    expect(fewer.vocabularySize).toBeLessThanOrEqual(205); // and the special ones
    const [{ ids: spelt } = { ids: [] }] = await createTokenizer(fewer.tokenizerJson).encode(['zygomorphic'], 64);
    expect(spelt).toHaveLength('zygomorphic'.length + 2);
    const resumed = await keepTokens(whole, { keep: 'used', texts: [], tokenizerJson: pruned.tokenizerJson });
    const table = (of: Pretrained) => Buffer.from((of.weights.get('embeddings.word_embeddings.weight')!.data as Float32Array).buffer);
    expect(table(resumed).equals(table(pruned))).toBe(true);
  },
);
