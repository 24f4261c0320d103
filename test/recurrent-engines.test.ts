/** @file Whole recurrent models by our gradients and by those of TensorFlow.js, with dropout and padding. */
import { expect, test } from 'vitest';
import { architectureSchema, type Tensors, tensorOf } from '../models/index.js';
import { createOnnxEngine } from '../training/engines/onnx.js';
import { createTfjsEngine } from '../training/engines/tfjs.js';
import { classifierGraphs } from '../training/objective/classifier-step.js';
import { optimizerSchema } from '../training/optimizers/optimizer-config.js';
import { initialWeights } from '../training/trainer/initial-weights.js';
import { relativeDifference } from './golden.js';
import { javascriptTfjs } from './javascript-tfjs.js';

const tf = await javascriptTfjs();
const bigru = { kind: 'bigru', vocabularySize: 20, width: 8, hidden: 6, dropout: 0.2, residual: true };
const entity = { kernels: [1, 2, 5], channels: 4, mlp: [8] };

/** Two texts, one of them padded, with names of two tokens and of one. */
const tensors: Tensors = {
  input_ids: tensorOf('int64', [2, 4], [2, 5, 6, 3, 2, 7, 0, 0]),
  attention_mask: tensorOf('int64', [2, 4], [1, 1, 1, 1, 1, 1, 0, 0]),
  entity_ids: tensorOf('int64', [2, 2], [4, 5, 7, 0]),
  entity_mask: tensorOf('int64', [2, 2], [1, 1, 1, 0]),
  targets: tensorOf('float32', [2, 3], [1, 0, 0, 0, 0, 1]),
};

test.each([
  ['BiGRU', bigru],
  ['ENDEF over BiGRU', { kind: 'endef', content: bigru, entity, fusion: 'learned' }],
])('%s: both engines find the same gradients', async (_, config) => {
  const graphs = classifierGraphs({ architecture: architectureSchema.parse(config), labels: 3 });
  const weights = initialWeights(graphs.training.parameters, 5);
  const options = { graphs, weights, optimizer: optimizerSchema.parse({}), seed: 3 };
  const engines = [await createOnnxEngine({ ...options, threads: 1 }), await createTfjsEngine({ ...options, tf })];
  const [ours, theirs] = await Promise.all(
    engines.map(async (engine) => ({
      ...(await engine.step([{ texts: 2, tensors }], { step: 2, learningRate: 1e-3, emaDecay: null })),
      ...(await engine.state()),
    })),
  );
  expect(theirs!.loss).toBeCloseTo(ours!.loss, 5);
  expect(theirs!.gradientNorm / ours!.gradientNorm).toBeCloseTo(1, 4);
  // First moments are the clipped gradients times .1. All at once: some gradients are zero but for rounding.
  const all = (of: ReadonlyMap<string, Float32Array>): number[] => [...ours!.first.keys()].flatMap((name) => [...of.get(name)!]);
  expect(relativeDifference(all(theirs!.first), all(ours!.first))).toBeLessThan(1e-4);
  await Promise.all(engines.map((engine) => engine.dispose()));
});
