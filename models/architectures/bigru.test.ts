import { describe, expect, test } from 'vitest';
import { evaluate } from '../graph/evaluate.js';
import { sizeOf } from '../graph/tensor.js';
import { matchWeights } from '../weights/match-weights.js';
import { storedShapes } from '../weights/stored-weights.js';
import { architectureSchema, buildClassifier } from './build.js';

const tiny = { kind: 'bigru', vocabularySize: 30, width: 6, hidden: 4, layers: 2, mlp: [5] } as const;
const encoder = { kind: 'bert', vocabularySize: 40, width: 8, layers: 1, heads: 2, intermediate: 16, maxPositions: 10 } as const;
const build = (change: object = {}, options: object = {}) =>
  buildClassifier(architectureSchema.parse({ ...tiny, ...change }), { labels: 3, ...options });
const stored = (change: object = {}) =>
  Object.fromEntries(storedShapes(build(change).parameters).map(({ name, shape }) => [name, shape.join('x')]));

test('weights have the names and shapes that PyTorch and Hugging Face store', () => {
  const recurrent = [0, 1].flatMap((layer) =>
    ['', '_reverse'].flatMap((direction): [string, string][] => [
      [`gru.weight_ih_l${layer}${direction}`, layer === 0 ? '12x6' : '12x8'],
      [`gru.weight_hh_l${layer}${direction}`, '12x4'],
      [`gru.bias_ih_l${layer}${direction}`, '12'],
      [`gru.bias_hh_l${layer}${direction}`, '12'],
    ]),
  );
  expect(stored()).toEqual({
    'bert.embeddings.word_embeddings.weight': '30x6',
    ...Object.fromEntries(recurrent),
    'LayerNorm.weight': '8',
    'LayerNorm.bias': '8',
    'attention_pool.weight': '1x8',
    'attention_pool.bias': '1',
    'classifier.hidden.0.weight': '5x8',
    'classifier.hidden.0.bias': '5',
    'classifier.weight': '3x5',
    'classifier.bias': '3',
  });
});

test('the layers of the head may be normalised', () => {
  expect(stored({ mlpNormalized: true })).toMatchObject({ 'classifier.hidden.0.LayerNorm.weight': '5' });
});

test('a residual adds what the states were made of: by a weight of its own where widths differ, by none where they do not', () => {
  expect(stored({ residual: true })).toMatchObject({ 'residual.weight': '8x6', 'residual.bias': '8' });
  expect(Object.keys(stored({ residual: true, width: 8 })).filter((name) => /residual/.test(name))).toEqual([]);
  const nodes = (change: object) => build(change).builder.nodes;
  const before = (change: object) => nodes(change).find(({ op }) => op === 'LayerNormalization')!.inputs[0]!.name;
  const sum = nodes({ residual: true, width: 8 }).find(({ name }) => name === before({ residual: true, width: 8 }))!;
  expect(sum.op).toBe('Add');
  expect(new Set(sum.inputs.map(({ name }) => name)).size).toBe(2); // not a tensor to itself
});

test('the weights of a pre-trained BERT are found: its word vectors alone, or all of it underneath', () => {
  const bert = buildClassifier(architectureSchema.parse(encoder), { labels: 3 });
  const given = new Map(
    storedShapes(bert.parameters).map(({ name, shape }) => [
      name.replace(/^bert\./, ''),
      { type: 'float32' as const, dims: shape, data: new Float32Array(sizeOf(shape)) },
    ]),
  );
  const found = (change: object) =>
    [...matchWeights(storedShapes(build(change).parameters), given).weights.keys()].filter((name) => /^bert/.test(name));
  expect(found({ vocabularySize: 40, width: 8 })).toEqual(['bert.embeddings.word_embeddings.weight']);
  expect(found({ encoder })).toEqual([...given.keys()].filter((name) => !/^classifier/.test(name)).map((name) => `bert.${name}`));
});

test('a BERT underneath decides the sizes that it has', () => {
  expect(architectureSchema.parse({ ...tiny, encoder })).toMatchObject({ vocabularySize: 40, width: 8 });
});

test('noise is added to word vectors after they are looked up, with an encoder and without', () => {
  for (const change of [{}, { encoder }]) {
    const graph = build(change, { float: 'float64' });
    const noise = graph.builder.input('noise', graph.words.shape);
    const { logits, words } = graph.again({ ...graph.given, noise });
    const feeds = new Map(
      graph.parameters.map(({ value }, p) => {
        const dims = value.shape as number[];
        return [value.name, { dims, data: Float64Array.from({ length: sizeOf(dims) }, (_, i) => Math.sin(p + 1.7 * i)) }];
      }),
    );
    for (const [name, data] of Object.entries({ input_ids: [2, 5, 3], attention_mask: [1, 1, 1], token_type_ids: [0, 0, 0] }))
      feeds.set(name, { dims: [1, 3], data: Float64Array.from(data) });
    const width = Number(words.shape[2]);
    const answer = (size: number) => {
      feeds.set('noise', { dims: [1, 3, width], data: new Float64Array(3 * width).map((_, i) => size * Math.cos(i)) });
      const results = evaluate(graph.builder.graph([graph.logits, logits, graph.words, words]), feeds);
      return [graph.logits, logits, graph.words, words].map(({ name }) => [...results.get(name)!.data]);
    };
    const [plain, quiet, looked, again] = answer(0);
    expect(quiet).toEqual(plain);
    expect(again).toEqual(looked);
    const [, loud, , same] = answer(0.3);
    expect(loud).not.toEqual(plain);
    expect(same).toEqual(looked);
  }
});

describe('a config that cannot be built', () => {
  test.each([
    [{ mlp: [64, 1] }, /the last width is 1, so that every label would be read off one number\. Fix: leave the 1 out/],
    [{ hidden: 0 }, /hidden/],
    [{ encoder: { ...encoder, heads: 3 } }, /width must be a multiple of heads/],
    [{ bidirectional: true }, /bidirectional/],
  ])('%j is refused by the schema', (change, message) => {
    expect(() => architectureSchema.parse({ ...tiny, ...change })).toThrow(message);
  });
});
