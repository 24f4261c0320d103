import { expect, test } from 'vitest';
import { type ArchitectureConfig, architectureSchema, type Tensors } from '../models/index.js';
import { classifierBatch } from '../training/engines/classifier-batch.js';
import { createOnnxEngine } from '../training/engines/onnx.js';
import { classifierGraphs } from '../training/objective/classifier-step.js';
import { optimizerSchema } from '../training/optimizers/optimizer-config.js';
import { initialWeights } from '../training/trainer/initial-weights.js';

const bert = { vocabularySize: 20, width: 16, layers: 3, heads: 2, intermediate: 32, maxPositions: 6, dropout: 0.1, attentionDropout: 0.1 };
const xlnet = { vocabularySize: 20, width: 16, layers: 2, heads: 2, intermediate: 32, dropout: 0.1, headDropout: 0.1 };
const bigru = { vocabularySize: 20, width: 16, hidden: 8, dropout: 0.1 };

/** Small ones of each kind: a kind without a line does not compile. */
const small: { readonly [K in ArchitectureConfig['kind']]: Readonly<Record<string, object>> } = {
  bert: {
    ...Object.fromEntries(['cls', 'mean', 'last-four', 'attention'].map((pooling) => [`${pooling} pooling`, { ...bert, pooling }])),
    'an MLP, normalised': { ...bert, mlp: [16, 8], mlpNormalized: true },
    'rotary positions': { ...bert, positions: 'rotary' },
    'relative positions': { ...bert, positions: 'relative', pooling: 'cls' },
    'exact matches': { ...bert, exactMatch: true },
  },
  bigru: {
    'word vectors of its own': bigru,
    'a residual and an MLP': { ...bigru, residual: true, mlp: [16] },
    'a residual that is projected': { ...bigru, residual: true, hidden: 12, layers: 1 },
    'a BERT underneath': { ...bigru, encoder: { kind: 'bert', ...bert } },
  },
  distilbert: { 'a head of its own': { ...bert, headDropout: 0.1 } },
  endef: {
    'BERT and fixed fusion': { content: { kind: 'bert', ...bert } },
    'BiGRU and learned fusion': { content: { kind: 'bigru', ...bigru }, fusion: 'learned' },
  },
  roberta: { 'a head of its own': { ...bert, padId: 0, maxPositions: 7 } },
  xlnet: Object.fromEntries(['max', 'mean', 'last'].map((pooling) => [`${pooling} pooling`, { ...xlnet, pooling }])),
};

/** Four texts, two labels, told apart by one token; the last is padded. */
const tokens = {
  batch: 4,
  tokens: 4,
  ids: BigInt64Array.of(2n, 7n, 9n, 3n, 2n, 8n, 9n, 3n, 2n, 10n, 7n, 3n, 2n, 8n, 3n, 0n),
  mask: BigInt64Array.of(1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 0n),
  types: new BigInt64Array(16),
};
const labelled = classifierBatch(tokens, [[1, 0], [0, 1], [1, 0], [0, 1]]); // biome-ignore format: a matrix
/** Names in the texts, of one to three tokens. */
const entities: Tensors = {
  entity_ids: { type: 'int64', dims: [4, 3], data: BigInt64Array.of(11n, 0n, 0n, 12n, 5n, 0n, 13n, 6n, 4n, 14n, 0n, 0n) },
  entity_mask: { type: 'int64', dims: [4, 3], data: BigInt64Array.of(1n, 0n, 0n, 1n, 1n, 0n, 1n, 1n, 1n, 1n, 0n, 0n) },
};
const batch = { ...labelled, tensors: { ...labelled.tensors, ...entities } };

for (const [kind, variants] of Object.entries(small)) {
  test.each(Object.entries(variants))(`${kind} with %s learns four texts by heart in 40 steps`, async (_, sizes) => {
    const definition = { architecture: architectureSchema.parse({ kind, ...sizes }), labels: 2 };
    const graphs = classifierGraphs(definition);
    const { parameters } = graphs.training;
    const options = { graphs, optimizer: optimizerSchema.parse({}), seed: 1, threads: 1 };
    const engine = await createOnnxEngine({ ...options, weights: initialWeights(parameters, 1) });
    const before = await engine.state();
    const losses: number[] = [];
    for (let step = 0; step < 40; step++) {
      const result = await engine.step([batch], { step, learningRate: 5e-3, emaDecay: null });
      expect(result.applied).toBe(true);
      losses.push(result.loss);
    }
    expect(losses[0]).toBeCloseTo(Math.log(2), 0);
    expect(losses.at(-1)!).toBeLessThan(0.1);
    const after = await engine.state();
    for (const [name, weights] of after.weights) expect(weights, name).not.toEqual(before.weights.get(name));
    expect([...(await engine.evaluate(batch.tensors, 'average'))]).toEqual([...(await engine.evaluate(batch.tensors, 'weights'))]);
    await engine.dispose();
  });
}
