import { expect, test } from 'vitest';
import { architectureSchema, buildLanguageModel, gpt2Schema, languageModelLoss } from '../models/index.js';
import { classifierBatch } from '../training/engines/classifier-batch.js';
import type { EngineGraphs } from '../training/engines/engine.js';
import { createOnnxEngine } from '../training/engines/onnx.js';
import { createTfjsEngine } from '../training/engines/tfjs.js';
import { classifierGraphs } from '../training/objective/classifier-step.js';
import { stepGraph } from '../training/objective/step-graph.js';
import { optimizerSchema } from '../training/optimizers/optimizer-config.js';
import { initialWeights } from '../training/trainer/initial-weights.js';
import { relativeDifference } from './golden.js';
import { javascriptTfjs } from './javascript-tfjs.js';

const tf = await javascriptTfjs();
const sizes = { vocabularySize: 20, width: 8, layers: 2, heads: 2, intermediate: 16, initializerRange: 0.3 };
const classifier = (change: object) => classifierGraphs({ architecture: architectureSchema.parse({ ...sizes, ...change }), labels: 2 });
const languageModel = (): EngineGraphs => {
  const config = gpt2Schema.parse({ kind: 'gpt2', ...sizes, maxPositions: 8 });
  const whole = buildLanguageModel(config);
  return {
    training: stepGraph({ ...languageModelLoss(config), parts: {} }),
    evaluation: { builder: whole.builder, parameters: whole.parameters, output: whole.logits },
  };
};

/** Two texts, the second padded, of two segments. */
const batch = classifierBatch(
  {
    batch: 2,
    tokens: 5,
    ids: BigInt64Array.of(2n, 7n, 7n, 5n, 3n, 2n, 4n, 3n, 0n, 0n),
    mask: BigInt64Array.of(1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 0n, 0n),
    types: BigInt64Array.of(0n, 0n, 0n, 1n, 1n, 0n, 1n, 1n, 0n, 0n),
  },
  [[1, 0], [0, 1]], // biome-ignore format: a matrix
);

test.each<[string, () => EngineGraphs]>([
  ['XLNet', () => classifier({ kind: 'xlnet', pooling: 'last' })],
  ['BERT with rotary positions', () => classifier({ kind: 'bert', positions: 'rotary' })],
  ['BERT with relative positions', () => classifier({ kind: 'bert', positions: 'relative' })],
  ['DistilBERT', () => classifier({ kind: 'distilbert' })],
  ['RoBERTa', () => classifier({ kind: 'roberta', padId: 0, maxPositions: 6 })],
  ['GPT-2', languageModel],
])('%s with dropout: TensorFlow.js finds the gradients that ONNX Runtime finds', async (_, build) => {
  const graphs = build();
  const options = { graphs, weights: initialWeights(graphs.training.parameters, 5), optimizer: optimizerSchema.parse({}), seed: 3 };
  const engines = [await createOnnxEngine({ ...options, threads: 1 }), await createTfjsEngine({ ...options, tf })];
  const [ours, theirs] = await Promise.all(
    engines.map(async (engine) => {
      const { loss } = await engine.step([batch], { step: 4, learningRate: 1e-3, emaDecay: null });
      // First moments are the clipped gradients times .1. All at once: some gradients are zero but for rounding.
      const { first } = await engine.state();
      return { loss, gradients: [...first.keys()].sort().flatMap((name) => [...first.get(name)!]) };
    }),
  );
  expect(theirs!.loss).toBeCloseTo(ours!.loss, 5);
  expect(Math.max(...ours!.gradients)).toBeGreaterThan(1e-3);
  expect(relativeDifference(theirs!.gradients, ours!.gradients)).toBeLessThan(1e-4);
  await Promise.all(engines.map((engine) => engine.dispose()));
});
