/** @file On a model that ships: the words that are said to matter do. `npm run bench:explain` says how much, on real data. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClassifier } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { createTokenizer } from '../../models/text/node.js';
import { zooBundle } from '../../test/zoo-bundle.js';
import { deletionTest, predicted } from './bench/deletion-test.js';
import { createWay, type Parts, type Way } from './bench/explainers.js';

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

let models: string;
let parts: Omit<Parts, 'calls'>;

beforeAll(async () => {
  const { bundle, models: made } = await zooBundle('headlines-en');
  models = made;
  const { manifest, folder, tokenizerJson } = bundle;
  const tokenizer = createTokenizer(tokenizerJson);
  const session = await createSession(bundle.modelPath(), { threads: 1 });
  const gradients = await createSession(join(folder, manifest.explain!), { threads: 1 });
  parts = { manifest, tokenizer, gradients, classifier: createClassifier({ session, tokenizer, ...manifest.text }) };
});
afterAll(() => rm(models, { recursive: true }));

const logits = async (inputs: readonly string[]) => (await parts.classifier.logits(inputs)).logits;

async function figuresOf(name: Way, calls: number) {
  const { manifest } = parts;
  const way = createWay(name, { ...parts, calls })!;
  const explained = [];
  for (const text of texts) {
    const [row] = (await logits([text])) as [Float32Array];
    const explanation = await way.explain({ input: text, rules: manifest, label: predicted(manifest, row), logits: row, truncated: false });
    explained.push({ text, row, ...explanation });
  }
  return { explained, asked: way.asked, ...(await deletionTest({ rules: manifest, logits, explained, seed: 5 })) };
}

test.each<[Way, number]>([
  ['left out', 128],
  ['left out', 12],
  ['integrated gradients', 128],
  ['integrated gradients', 30],
])('%s: without the words that weigh most the label loses far more than without others (%i calls)', async (name, calls) => {
  const { topDrop, randomDrop, won } = await figuresOf(name, calls);
  expect(topDrop).toBeGreaterThan(2 * Math.abs(randomDrop));
  expect(won).toBeGreaterThanOrEqual(0.9);
});

test('integrated gradients find words that matter far more than those of the gradient at the text alone', async () => {
  const [integrated, local] = [await figuresOf('integrated gradients', 128), await figuresOf('gradient x input', 128)];
  expect(integrated.topDrop).toBeGreaterThan(2 * local.topDrop);
  expect(local.asked.points).toBe(texts.length);
});

test('weights of integrated gradients add up to what the text has more than no text, within 5 % and 0.03, in some twenty points', async () => {
  const { explained, asked } = await figuresOf('integrated gradients', 128);
  for (const { text, method, whole, empty, spans } of explained) {
    expect(method).toBe('integrated-gradients');
    const sum = spans.reduce((total, { weight }) => total + weight, 0);
    expect(Math.abs(whole - empty - sum), text).toBeLessThan(0.05 * Math.abs(whole - empty) + 0.03);
  }
  expect(asked.points / texts.length).toBeLessThan(24);
  expect(asked.texts).toBe(0);
});
