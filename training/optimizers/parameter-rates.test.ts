import { describe, expect, test } from 'vitest';
import { layerDepths } from './layer-depths.js';
import { type OptimizerConfig, optimizerSchema } from './optimizer-config.js';
import { parameterRates, relativeRates } from './parameter-rates.js';

const matrix = (name: string) => ({ name, shape: [2, 2] });
const vector = (name: string) => ({ name, shape: [2] });
const config = (given: object, learningRate = 1): OptimizerConfig => relativeRates(optimizerSchema.parse(given), learningRate);
const factors = (names: readonly string[], given: OptimizerConfig): Record<string, number> =>
  Object.fromEntries([...parameterRates(names.map(matrix), given)].map(([name, { rateFactor }]) => [name, rateFactor]));

/** A BERT of 12 layers, a weight of each part. */
const bert = [
  'bert.embeddings.word_embeddings.weight',
  'bert.embeddings.LayerNorm.weight',
  ...Array.from({ length: 12 }, (_, layer) => `bert.encoder.layer.${layer}.attention.self.query.weight`),
  'bert.pooler.dense.weight',
  'classifier.weight',
];

describe('depth below the head', () => {
  const depths = (...names: string[]) => [...layerDepths(names).values()];

  test.each([
    ['BERT', bert, [13, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]],
    ['GPT-2', ['transformer.wte.weight', 'transformer.wpe.weight', 'transformer.h.0.mlp.c_fc.weight', 'transformer.h.1.ln_1.weight', 'transformer.ln_f.weight', 'score.weight'], [3, 3, 2, 1, 0, 0]], // biome-ignore format: a row each
    ['XLNet', ['transformer.word_embedding.weight', 'transformer.mask_emb', 'transformer.layer.0.rel_attn.q', 'transformer.layer.2.ff.layer_1.weight', 'classifier.weight'], [4, 4, 3, 1, 0]], // biome-ignore format: a row each
    ['a GRU on BERT', ['bert.embeddings.word_embeddings.weight', 'gru.weight_ih_l0', 'gru.weight_hh_l0_reverse', 'gru.bias_ih_l1', 'norm.weight', 'classifier.bias'], [3, 2, 2, 1, 0, 0]], // biome-ignore format: a row each
    ['layers of a head', ['encoder.layers.0.weight', 'encoder.layers.1.weight', 'classifier.layers.0.weight', 'mlp.layers.1.bias'], [2, 1, 0, 0]], // biome-ignore format: a row each
    ['distances within a layer', ['encoder.layer.0.attention.distance_embedding.weight', 'encoder.layer.1.output.dense.bias'], [2, 1]], // biome-ignore format: a row each
    ['no layers at all', ['embeddings.weight', 'cnn.3.weight', 'classifier.weight'], [1, 0, 0]],
  ])('%s', (_, names, expected) => expect(depths(...names)).toEqual(expected));
});

describe('rates', () => {
  test('without a word about them all are those of the run', () => {
    expect(Object.values(factors(bert, config({}))).every((factor) => factor === 1)).toBe(true);
  });

  test('by layer: every weight has one, embeddings the lowest, pooler and head the whole', () => {
    const rates = factors(bert, config({ layerDecay: 0.95 }));
    expect(Object.keys(rates)).toEqual(bert);
    expect(rates['classifier.weight']).toBe(1);
    expect(rates['bert.pooler.dense.weight']).toBe(1);
    expect(rates['bert.encoder.layer.11.attention.self.query.weight']).toBeCloseTo(0.95, 12);
    expect(rates['bert.encoder.layer.0.attention.self.query.weight']).toBeCloseTo(0.95 ** 12, 12);
    expect(rates['bert.embeddings.word_embeddings.weight']).toBeCloseTo(0.95 ** 13, 12);
    expect(Math.min(...Object.values(rates))).toBe(rates['bert.embeddings.LayerNorm.weight']);
  });

  /** 2e-5 at the top, times .95 for each layer below it, and a head of 1e-4 that is told by parts of its names. */
  test('a table of rates: 1.9e-5 in layer 11, 1.0807e-5 in layer 0, 1e-4 in the head', () => {
    const names = [...bert, 'layer_norm.weight', 'linear.weight', 'pooling.weight'];
    const given = config({ layerDecay: 0.95, groups: [{ match: 'layer_norm|linear|pooling', learningRate: 1e-4 }] }, 2e-5);
    const rate = (name: string) => 2e-5 * factors(names, given)[name]!;
    expect(rate('bert.encoder.layer.11.attention.self.query.weight')).toBeCloseTo(1.9e-5, 12);
    expect(rate('bert.encoder.layer.0.attention.self.query.weight')).toBeCloseTo(1.0807e-5, 9);
    for (const head of ['layer_norm.weight', 'linear.weight', 'pooling.weight']) expect(rate(head)).toBeCloseTo(1e-4, 12);
    for (const name of names) expect(rate(name)).toBeGreaterThan(1e-5);
  });

  test('the first group that matches says, in the place of the layer', () => {
    const groups = [{ match: 'query', rateFactor: 0.5 }, { match: 'layer', rateFactor: 3 }, { match: 'pooler' }];
    const rates = factors([...bert, 'bert.encoder.layer.3.output.dense.weight'], config({ layerDecay: 0.9, groups }));
    expect(rates['bert.encoder.layer.3.attention.self.query.weight']).toBe(0.5);
    expect(rates['bert.encoder.layer.3.output.dense.weight']).toBe(3);
    expect(rates['bert.pooler.dense.weight']).toBe(1);
  });

  test('a rate that is not relative yet is a fault of the program', () => {
    const absolute = optimizerSchema.parse({ groups: [{ match: '^classifier', learningRate: 1e-4 }] });
    expect(() => parameterRates([matrix('classifier.weight')], absolute)).toThrow(/\^classifier is not relative yet/);
  });
});

describe('decay', () => {
  const decays = (given: object) =>
    [...parameterRates([matrix('dense.weight'), vector('dense.bias'), vector('LayerNorm.weight')], config(given)).values()].map(
      ({ weightDecay, gradientDecay }) => [weightDecay, gradientDecay],
    );

  test('matrices only, when nothing is said', () => expect(decays({ weightDecay: 0.1 })).toEqual([[0.1, 0], [0, 0], [0, 0]])); // biome-ignore format: a row
  test('Adam has it in the gradient', () => expect(decays({ kind: 'adam', weightDecay: 0.1 })).toEqual([[0, 0.1], [0, 0], [0, 0]])); // biome-ignore format: a row
  test('by name: all but those named', () =>
    expect(decays({ weightDecay: 0.1, noDecay: ['Norm'] })).toEqual([[0.1, 0], [0.1, 0], [0, 0]])); // biome-ignore format: a row
  test('a group has its own, whatever the shape', () =>
    expect(decays({ weightDecay: 0.1, groups: [{ match: 'dense', weightDecay: 0.3 }] })).toEqual([[0.3, 0], [0.3, 0], [0, 0]])); // biome-ignore format: a row
});

describe('what a config may not say', () => {
  test.each([
    [{ groups: [{ match: '(', rateFactor: 1 }] }, /give a regular expression/],
    [{ groups: [{ match: 'a', rateFactor: 1, learningRate: 1 }] }, /not both/],
    [{ layerDecay: 0 }, /expected number to be >0/],
    [{ layerDecay: 1.1 }, /expected number to be <=1/],
    [{ kind: 'sgd' }, /adamw/],
  ])('%j', (given, message) => expect(() => optimizerSchema.parse(given)).toThrow(message));
});
