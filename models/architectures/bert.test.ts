import { describe, expect, test } from 'vitest';
import { UsageError } from '../errors.js';
import { storedShapes } from '../weights/stored-weights.js';
import { architectureSchema, buildClassifier } from './build.js';

const tiny = { kind: 'bert', vocabularySize: 30, width: 8, layers: 1, heads: 2, intermediate: 16, maxPositions: 10 } as const;
const build = (change: object = {}, training = false) =>
  buildClassifier(architectureSchema.parse({ ...tiny, ...change }), { labels: 3, training });

test('weights have the names and shapes that Hugging Face stores', () => {
  const stored = Object.fromEntries(storedShapes(build({ pooling: 'cls' }).parameters).map(({ name, shape }) => [name, shape.join('x')]));
  expect(stored).toEqual({
    'bert.embeddings.word_embeddings.weight': '30x8',
    'bert.embeddings.position_embeddings.weight': '10x8',
    'bert.embeddings.token_type_embeddings.weight': '2x8',
    'bert.embeddings.LayerNorm.weight': '8',
    'bert.embeddings.LayerNorm.bias': '8',
    'bert.encoder.layer.0.attention.self.query.weight': '8x8',
    'bert.encoder.layer.0.attention.self.query.bias': '8',
    'bert.encoder.layer.0.attention.self.key.weight': '8x8',
    'bert.encoder.layer.0.attention.self.key.bias': '8',
    'bert.encoder.layer.0.attention.self.value.weight': '8x8',
    'bert.encoder.layer.0.attention.self.value.bias': '8',
    'bert.encoder.layer.0.attention.output.dense.weight': '8x8',
    'bert.encoder.layer.0.attention.output.dense.bias': '8',
    'bert.encoder.layer.0.attention.output.LayerNorm.weight': '8',
    'bert.encoder.layer.0.attention.output.LayerNorm.bias': '8',
    'bert.encoder.layer.0.intermediate.dense.weight': '16x8',
    'bert.encoder.layer.0.intermediate.dense.bias': '16',
    'bert.encoder.layer.0.output.dense.weight': '8x16',
    'bert.encoder.layer.0.output.dense.bias': '8',
    'bert.encoder.layer.0.output.LayerNorm.weight': '8',
    'bert.encoder.layer.0.output.LayerNorm.bias': '8',
    'bert.pooler.dense.weight': '8x8',
    'bert.pooler.dense.bias': '8',
    'classifier.weight': '3x8',
    'classifier.bias': '3',
  });
});

test.each([
  ['cls', 8, ['bert.pooler.dense.weight', 'bert.pooler.dense.bias']],
  ['mean', 8, []],
  ['last-four', 32, []],
  ['attention', 8, ['attention_pool.weight', 'attention_pool.bias']],
] as const)('%s pooling gives the head %i numbers, and has weights %j', (pooling, width, own) => {
  const { parameters, logits } = build({ pooling, layers: 4 });
  const named = new Map(parameters.map(({ value }) => [value.name, value.shape]));
  expect(named.get('classifier.weight')).toEqual([width, 3]);
  expect([...named.keys()].filter((name) => /pool/.test(name))).toEqual(own);
  expect(logits.shape).toEqual(['batch', 3]);
});

test('a head of several layers: its widths, with or without normalisation; none is one linear layer', () => {
  const head = (change: object) =>
    build(change).parameters.flatMap(({ value: { name, shape } }) => (/^classifier.*weight/.test(name) ? [`${name} ${shape}`] : []));
  expect(head({})).toEqual(['classifier.weight 8,3']);
  const layers = ['classifier.hidden.0.weight 8,6', 'classifier.hidden.1.weight 6,4', 'classifier.weight 4,3'];
  expect(head({ mlp: [6, 4] })).toEqual(layers);
  expect(head({ mlp: [6, 4], mlpNormalized: true })).toEqual([
    layers[0],
    'classifier.hidden.0.LayerNorm.weight 6',
    layers[1],
    'classifier.hidden.1.LayerNorm.weight 4',
    layers[2],
  ]);
});

test('takes ids, mask and segments of any batch and length', () => {
  expect(build().inputs.map(({ name, shape, type }) => [name, shape.join(), type])).toEqual([
    ['input_ids', 'batch,tokens', 'int64'],
    ['attention_mask', 'batch,tokens', 'int64'],
    ['token_type_ids', 'batch,tokens', 'int64'],
  ]);
});

test('outside training there is no dropout, and the graph is the same', () => {
  expect(build({ dropout: 0.5 }).masks).toEqual([]);
  expect(build({ dropout: 0.5 }).builder.nodes.length).toBe(build({ dropout: 0, attentionDropout: 0 }, true).builder.nodes.length);
  expect(build({ dropout: 0.5, attentionDropout: 0 }, true).masks).toHaveLength(4);
});

describe('a config that cannot be built', () => {
  test.each([
    [{ heads: 3 }, /width must be a multiple of heads/],
    [{ pooling: 'last-four', layers: 2 }, /last-four pooling needs at least 3 layers/],
    [{ positions: 'rotary', heads: 8 }, /a head must be of even width/],
    [{ width: 0 }, /width/],
    [{ dropout: 1 }, /dropout/],
    [{ pooling: 'max' }, /pooling/],
    [{ wdith: 8 }, /wdith/],
    [{ mlp: [256, 128, 1] }, /the last width is 1.*Fix: leave the 1 out/],
    [{ kind: 'bret' }, /kind/],
  ])('%j is refused by the schema', (change, message) => {
    expect(() => architectureSchema.parse({ ...tiny, ...change })).toThrow(message);
  });
});

test('one name cannot be given twice', () => {
  const { builder } = build();
  expect(() => builder.input('input_ids', [1])).toThrow(UsageError);
});
