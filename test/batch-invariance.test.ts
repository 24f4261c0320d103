import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBundles } from '../models/bundle/node.js';
import {
  activate,
  architectureSchema,
  buildClassifier,
  type Classifier,
  createClassifier,
  fromStored,
  matchWeights,
  type Session,
  storedShapes,
  type Tensor,
  type TextInput,
  toOnnx,
} from '../models/index.js';
import { createSession } from '../models/runtime/node.js';
import { createTokenizer } from '../models/text/node.js';
import { initialWeights } from '../training/trainer/initial-weights.js';
import { readPretrained } from '../training/trainer/pretrained.js';

type Opened = {
  readonly session: Session;
  readonly classifier: Classifier;
  readonly activation: 'softmax' | 'sigmoid' | 'none';
  readonly temperature: number;
};

const words =
  'the council voted on ten bridges and you will not believe what happened to budgets after a long night of rain in March'.split(' ');
/** 32 texts of 1 to 60 words, pairs among them: alike in nothing but that they share a batch. */
const texts: readonly TextInput[] = Array.from({ length: 32 }, (_, i) => {
  const text = Array.from({ length: 1 + ((i * 23) % 60) }, (_, k) => words[(i * 7 + k * (1 + (i % 5))) % words.length]).join(' ');
  return i % 8 === 7 ? [text, 'and its pair'] : text;
});

/** The model that ships with the project, as served. */
async function zoo(): Promise<Opened> {
  const [bundle] = await findBundles([new URL('../models/zoo', import.meta.url).pathname]);
  const { manifest, modelPath, tokenizerJson } = bundle!;
  const session = await createSession(modelPath('fp32'));
  const classifier = createClassifier({ session, tokenizer: createTokenizer(tokenizerJson), maxTokens: manifest.text.maxTokens });
  return { session, classifier, activation: manifest.activation, temperature: manifest.temperature };
}

const miniLm = new URL('../../shared/pretrained/all-MiniLM-L6-v2/', import.meta.url).pathname;
/** Pre-trained MiniLM under a head of the size that fine-tuning gives one. */
async function pretrained(): Promise<Opened> {
  const { encoder, weights: stored } = await readPretrained(miniLm);
  const architecture = architectureSchema.parse({ ...encoder, pooling: 'mean' });
  const { builder, logits, parameters } = buildClassifier(architecture, { labels: 3 });
  const weights = new Map<string, Tensor>();
  for (const [i, [name, data]] of [...initialWeights(parameters, 1)].entries())
    weights.set(name, { type: 'float32', dims: parameters[i]!.value.shape as number[], data: data.map((x) => 3 * x) });
  for (const [name, tensor] of fromStored(parameters, matchWeights(storedShapes(parameters), stored).weights)) weights.set(name, tensor);
  const session = await createSession(
    toOnnx(builder.graph([logits]), { initializers: weights, outputNames: new Map([[logits.name, 'logits']]) }),
  );
  const tokenizer = createTokenizer(await readFile(`${miniLm}tokenizer.json`, 'utf8'));
  return { session, classifier: createClassifier({ session, tokenizer, maxTokens: 128 }), activation: 'softmax', temperature: 1 };
}

for (const [name, open, missing] of [
  ['the embedded model', zoo, ''],
  ['MiniLM', pretrained, existsSync(miniLm) ? '' : `no ${miniLm}`],
] as const) {
  describe.skipIf(missing)(`${name}${missing && ` (skipped: ${missing})`}`, () => {
    let opened: Opened;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.session.dispose());

    test('a text scores the same alone and among 31 others, within 1e-6', async () => {
      const { classifier, activation, temperature } = opened;
      const scores = async (options: { batchTokens: number; maxBatch: number; overheadTokens?: number }) =>
        (await classifier.logits(texts, options)).logits.map((row) => activate(activation, temperature, row));
      const [alone, together] = [
        await scores({ batchTokens: 4096, maxBatch: 1 }),
        await scores({ batchTokens: 1e6, maxBatch: 32, overheadTokens: 1e6 }),
      ];
      let worst = 0;
      for (const [text, row] of alone.entries())
        for (const [label, score] of row.entries()) worst = Math.max(worst, Math.abs(score - together[text]![label]!));
      expect(worst).toBeLessThan(1e-6);
      const first = alone.map(([score]) => score!);
      expect(Math.max(...first) - Math.min(...first)).toBeGreaterThan(0.01); // the texts do differ
    });
  });
}
