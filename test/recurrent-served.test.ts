/** @file Recurrent classifiers and ENDEF from training to what is served: the same scores in the engine, in the file and in a browser's runtime. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  activate,
  architectureSchema,
  createClassifier,
  fromOnnx,
  type Session,
  type Tensor,
  type Tensors,
  toStored,
  trainWordPiece,
} from '../models/index.js';
import { runModel } from '../models/run/run-model.js';
import { createSession } from '../models/runtime/node.js';
import { createSession as createWebSession } from '../models/runtime/web.js';
import { createTokenizer } from '../models/text/node.js';
import { tokenTensors } from '../models/text/token-tensors.js';
import { padBatch } from '../models/text/tokenizer.js';
import type { Engine } from '../training/engines/engine.js';
import { createOnnxEngine } from '../training/engines/onnx.js';
import { classifierGraphs } from '../training/objective/classifier-step.js';
import { optimizerSchema } from '../training/optimizers/optimizer-config.js';
import { initialWeights } from '../training/trainer/initial-weights.js';
import { relativeDifference } from './golden.js';

const words = 'the council voted on ten bridges and you will not believe what happened to budgets after a long night of rain'.split(' ');
/** 32 texts of 1 to 60 words. */
const texts = Array.from({ length: 32 }, (_, i) =>
  Array.from({ length: 1 + ((i * 23) % 60) }, (_, k) => words[(i * 7 + k * (1 + (i % 5))) % words.length]).join(' '),
);

const bigru = { kind: 'bigru', width: 24, hidden: 16, layers: 2, residual: true, mlp: [12], dropout: 0.1 };
const models = { bigru, endef: { kind: 'endef', content: bigru, entity: { channels: 8, mlp: [16] } } };

describe.each(Object.entries(models))('%s', (_, config) => {
  let tokenizer: ReturnType<typeof createTokenizer>;
  let engine: Engine;
  let session: Session;
  let file: Uint8Array;
  let inputs: Tensors;
  beforeAll(async () => {
    const tokenizerJson = await trainWordPiece({ texts, vocabularySize: 200 });
    tokenizer = createTokenizer(tokenizerJson);
    const { vocabularySize, padId } = tokenizer;
    const sized = 'content' in config ? { ...config, content: { ...config.content, vocabularySize } } : { ...config, vocabularySize };
    const architecture = architectureSchema.parse(sized);
    const graphs = classifierGraphs({ architecture, labels: 3 });
    const weights = initialWeights(graphs.training.parameters, 1);
    engine = await createOnnxEngine({ graphs, weights, optimizer: optimizerSchema.parse({}), seed: 1, threads: 1 });
    inputs = tokenTensors(padBatch(await tokenizer.encode(texts, 64), padId));
    const targets = texts.flatMap((_, i) => [0, 1, 2].map((label) => Number(i % 3 === label)));
    const named = ({ dims, data, type }: Tensor): Tensor => {
      const [batch, tokens] = dims as [number, number];
      return { type, dims: [batch, 4], data: (data as BigInt64Array).filter((_, i) => i % tokens < 4) };
    };
    const batch = {
      ...inputs,
      entity_ids: named(inputs.input_ids!),
      entity_mask: named(inputs.attention_mask!),
      targets: { type: 'float32' as const, dims: [32, 3], data: Float32Array.from(targets) },
    };
    for (let step = 0; step < 12; step++) await engine.step([{ texts: 32, tensors: batch }], { step, learningRate: 5e-3, emaDecay: 0.8 });
    // As a run stores them: those that the classifier has, in the layout of files.
    const { average } = await engine.state();
    const { parameters } = graphs.evaluation;
    const own = parameters.map(({ value: { name, shape } }): [string, Tensor] => [
      name,
      { type: 'float32', dims: shape as number[], data: average.get(name)! },
    ]);
    file = runModel({ name: 'x', architecture, labels: ['a', 'b', 'c'] }, toStored(parameters, new Map(own)));
    session = await createSession(file, { threads: 1 });
  });
  afterAll(() => Promise.all([engine.dispose(), session.dispose()]));

  test('the file gives what the engine gives, of the three inputs that every classifier has', async () => {
    expect(fromOnnx(file).inputs.every(({ name }) => /^(input_ids|attention_mask)$/.test(name))).toBe(true);
    const feeds = Object.fromEntries(session.inputNames.map((name) => [name, inputs[name]!]));
    const { logits } = await session.run(feeds);
    expect(relativeDifference(logits!.data as Float32Array, await engine.evaluate(inputs, 'average'))).toBeLessThan(1e-6);
  });

  test("a browser's runtime gives the same", async () => {
    const feeds = Object.fromEntries(session.inputNames.map((name) => [name, inputs[name]!]));
    const web = await createWebSession(file, { threads: 1 });
    const [ours, theirs] = await Promise.all([session.run(feeds), web.run(feeds)]);
    expect(relativeDifference(theirs.logits!.data as Float32Array, ours.logits!.data as Float32Array)).toBeLessThan(1e-5);
    await web.dispose();
  });

  test('a text scores the same alone and among 31 others, within 1e-6', async () => {
    const classifier = createClassifier({ session, tokenizer, maxTokens: 64 });
    const scores = async (options: { batchTokens: number; maxBatch: number; overheadTokens?: number }) =>
      (await classifier.logits(texts, options)).logits.map((row) => activate('softmax', 1, row));
    const [alone, together] = [
      await scores({ batchTokens: 4096, maxBatch: 1 }),
      await scores({ batchTokens: 1e6, maxBatch: 32, overheadTokens: 1e6 }),
    ];
    for (const [text, row] of alone.entries())
      for (const [label, score] of row.entries()) expect(Math.abs(score - together[text]![label]!)).toBeLessThan(1e-6);
    const first = alone.map(([score]) => score!);
    expect(Math.max(...first) - Math.min(...first)).toBeGreaterThan(0.01); // the texts do differ
  });
});
