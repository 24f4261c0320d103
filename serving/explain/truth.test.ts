/** @file On a model that ships: the words that are said to matter do. `npm run bench:explain` says how much, on real data. */
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { findBundles, packageFolder } from '../../models/bundle/node.js';
import { type Classifier, createClassifier, type Manifest, type Tokenizer } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { createTokenizer } from '../../models/text/node.js';
import { deletionTest, predicted } from './bench/deletion-test.js';
import { createOcclusion } from './occlusion.js';

const texts = [
  "She planted one seed on a motorway verge, and you won't believe what happened next",
  'Ten kitchen habits that chefs quietly gave up, and number four is a surprise',
  'Ferry service to the outer islands is suspended until the wind drops',
  'The council voted on Tuesday to repair the harbour wall before the winter storms',
  'This tiny village has a secret and its neighbours are absolutely furious',
  'Rail services resume after a fallen tree is cleared from the northern line',
  'Which of these seven bakers hid the ring? We tried them all so you do not have to',
  'Central bank holds its rate at two per cent as prices slow for a third month',
  'Here is what your favourite biscuit says about the way you argue',
  'Two killed as a lorry overturns on the coast road near the old mill',
];

let manifest: Manifest;
let classifier: Classifier;
let tokenizer: Tokenizer;

beforeAll(async () => {
  const bundle = (await findBundles([join(packageFolder(), 'models', 'zoo')])).find((one) => one.manifest.name === 'headlines-en')!;
  manifest = bundle.manifest;
  tokenizer = createTokenizer(bundle.tokenizerJson);
  classifier = createClassifier({ session: await createSession(bundle.modelPath(), { threads: 1 }), tokenizer, ...manifest.text });
});

const logits = async (inputs: readonly string[]) => (await classifier.logits(inputs)).logits;

test.each([128, 12])('without the words that weigh most the label loses far more than without others (%i calls)', async (calls) => {
  const explain = createOcclusion({
    ask: logits as never,
    read: async (input) => (await tokenizer.encode([input], manifest.text.maxTokens))[0]!.ids,
    calls,
  });
  const explained = [];
  for (const text of texts) {
    const [row] = (await logits([text])) as [Float32Array];
    const { spans } = await explain({ input: text, rules: manifest, label: predicted(manifest, row), logits: row, truncated: false });
    explained.push({ text, row, spans });
  }
  const figures = await deletionTest({ rules: manifest, logits, explained, seed: 5 });
  expect(figures.topDrop).toBeGreaterThan(2 * Math.abs(figures.randomDrop));
  expect(figures.won).toBeGreaterThanOrEqual(0.9);
});
