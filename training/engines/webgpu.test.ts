import { describe, expect, test } from 'vitest';
import { architectureSchema, type Tensors, tensorOf } from '../../models/index.js';
import { relativeDifference } from '../../test/golden.js';
import { classifierGraphs } from '../objective/classifier-step.js';
import { optimizerSchema } from '../optimizers/optimizer-config.js';
import { initialWeights } from '../trainer/initial-weights.js';
import { describeEngine } from './conformance.js';
import { chooseDevice } from './devices.js';
import { createOnnxEngine } from './onnx.js';
import { createWebGpuEngine } from './webgpu.js';

const there = await chooseDevice('webgpu').then(
  () => true,
  () => false,
);
const sizes = { vocabularySize: 20, width: 8, layers: 2, heads: 2, intermediate: 16, initializerRange: 0.3 };
const bigru = { kind: 'bigru', vocabularySize: 20, width: 8, hidden: 6, dropout: 0.2, residual: true };
const entity = { kernels: [1, 2, 5], channels: 4, mlp: [8] };

/** Two texts, one of them padded, with names of two tokens and of one. */
const tensors: Tensors = {
  input_ids: tensorOf('int64', [2, 4], [2, 5, 6, 3, 2, 7, 0, 0]),
  attention_mask: tensorOf('int64', [2, 4], [1, 1, 1, 1, 1, 1, 0, 0]),
  token_type_ids: tensorOf('int64', [2, 4], [0, 0, 1, 1, 0, 0, 0, 0]),
  entity_ids: tensorOf('int64', [2, 2], [4, 5, 7, 0]),
  entity_mask: tensorOf('int64', [2, 2], [1, 1, 1, 0]),
  targets: tensorOf('float32', [2, 3], [1, 0, 0, 0, 0, 1]),
};

describe.skipIf(!there)('where there is a WebGPU adapter', () => {
  describeEngine('webgpu', createWebGpuEngine);

  test.each<[string, object]>([
    ['BERT with rotary positions', { ...sizes, kind: 'bert', positions: 'rotary' }],
    ['BERT with relative positions', { ...sizes, kind: 'bert', positions: 'relative' }],
    ['DistilBERT', { ...sizes, kind: 'distilbert' }],
    ['RoBERTa', { ...sizes, kind: 'roberta', padId: 0, maxPositions: 6 }],
    ['XLNet', { ...sizes, kind: 'xlnet', pooling: 'last' }],
    ['BiGRU', bigru],
    ['ENDEF over BiGRU', { kind: 'endef', content: bigru, entity, fusion: 'learned' }],
  ])('%s with dropout: the gradients are those that the CPU finds', async (_, config) => {
    const graphs = classifierGraphs({ architecture: architectureSchema.parse(config), labels: 3 });
    const weights = initialWeights(graphs.training.parameters, 5);
    const options = { graphs, weights, optimizer: optimizerSchema.parse({}), seed: 3 };
    const engines = [await createOnnxEngine(options), await createWebGpuEngine(options)];
    const [theirs, ours] = await Promise.all(
      engines.map(async (engine) => ({
        ...(await engine.step([{ texts: 2, tensors }], { step: 2, learningRate: 1e-3, emaDecay: null })),
        ...(await engine.state()),
      })),
    );
    expect(ours!.loss).toBeCloseTo(theirs!.loss, 5);
    // First moments are the clipped gradients times .1. All at once: some gradients are zero but for rounding.
    const all = (of: ReadonlyMap<string, Float32Array>): number[] => [...theirs!.first.keys()].flatMap((name) => [...of.get(name)!]);
    expect(Math.max(...all(ours!.first))).toBeGreaterThan(1e-3);
    expect(relativeDifference(all(ours!.first), all(theirs!.first))).toBeLessThan(1e-4);
    await Promise.all(engines.map((engine) => engine.dispose()));
  });
});
