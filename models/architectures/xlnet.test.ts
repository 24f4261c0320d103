import { expect, test } from 'vitest';
import { storedShapes } from '../weights/stored-weights.js';
import { architectureSchema, buildClassifier } from './build.js';

const tiny = { kind: 'xlnet', vocabularySize: 30, width: 8, layers: 1, heads: 2, intermediate: 16 } as const;
const build = (change: object = {}, training = false) =>
  buildClassifier(architectureSchema.parse({ ...tiny, ...change }), { labels: 3, training });

test('weights have the names and shapes that Hugging Face stores for XLNetForSequenceClassification', () => {
  const stored = Object.fromEntries(storedShapes(build({ pooling: 'last' }).parameters).map(({ name, shape }) => [name, shape.join('x')]));
  const layer = 'transformer.layer.0';
  expect(stored).toEqual({
    'transformer.word_embedding.weight': '30x8',
    ...Object.fromEntries(['q', 'k', 'v', 'o', 'r'].map((name) => [`${layer}.rel_attn.${name}`, '8x2x4'])),
    ...Object.fromEntries(['r_w_bias', 'r_r_bias', 'r_s_bias'].map((name) => [`${layer}.rel_attn.${name}`, '2x4'])),
    [`${layer}.rel_attn.seg_embed`]: '2x2x4',
    [`${layer}.rel_attn.layer_norm.weight`]: '8',
    [`${layer}.rel_attn.layer_norm.bias`]: '8',
    [`${layer}.ff.layer_1.weight`]: '16x8',
    [`${layer}.ff.layer_1.bias`]: '16',
    [`${layer}.ff.layer_2.weight`]: '8x16',
    [`${layer}.ff.layer_2.bias`]: '8',
    [`${layer}.ff.layer_norm.weight`]: '8',
    [`${layer}.ff.layer_norm.bias`]: '8',
    'sequence_summary.summary.weight': '8x8',
    'sequence_summary.summary.bias': '8',
    'logits_proj.weight': '3x8',
    'logits_proj.bias': '3',
  });
});

test('the other poolings have no weights', () => {
  for (const pooling of ['max', 'mean'])
    expect(build({ pooling }).parameters.some(({ value }) => value.name.includes('summary'))).toBe(false);
});

test('dropout is that of the encoder below the pooling, and the head has its own', () => {
  expect(build().masks).toEqual([]);
  const { masks } = build({ dropout: 0.2, headDropout: 0.5 }, true);
  expect(masks.map(({ rate }) => rate)).toEqual([0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.5]); // words, weights, two sublayers with two and one, states
  expect(masks.at(-1)!.value.shape).toEqual(['batch', 8]);
});

test.each([
  [{ heads: 3 }, /width must be a multiple of heads/],
  [{ width: 9, heads: 3 }, /width must be even/],
  [{ pooling: 'cls' }, /pooling/],
  [{ maxPositions: 5 }, /maxPositions/],
])('%j is refused by the schema', (change, message) => {
  expect(() => architectureSchema.parse({ ...tiny, ...change })).toThrow(message);
});
