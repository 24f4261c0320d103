import { describe, expect, test } from 'vitest';
import { architectureSchema, evaluate, type Numbers, sizeOf } from '../../models/index.js';
import { relativeDifference } from '../../test/golden.js';
import { differentiate } from '../autodiff/differentiate.js';
import { gradientsOf } from '../autodiff/parameter-gradients.js';
import { createRandom } from '../data/random.js';
import { classifierGraphs, classifierStep } from './classifier-step.js';

const architecture = architectureSchema.parse({
  kind: 'bert',
  vocabularySize: 12,
  width: 4,
  layers: 1,
  heads: 2,
  intermediate: 6,
  maxPositions: 5,
  initializerRange: 0.5,
  dropout: 0,
  attentionDropout: 0,
});
const random = createRandom(3);
const uniform = (dims: readonly number[]): Numbers => ({
  dims,
  data: Float64Array.from({ length: sizeOf(dims) }, () => random.next() - 0.5),
});
const matrix = (dims: readonly number[], values: readonly number[]): Numbers => ({ dims, data: Float64Array.from(values) });
/** The second text is padded; token 7 comes three times, tokens 10 and 11 never. */
const batch: [string, Numbers][] = [
  ['input_ids', matrix([2, 4], [2, 7, 7, 3, 2, 7, 3, 0])],
  ['attention_mask', matrix([2, 4], [1, 1, 1, 1, 1, 1, 1, 0])],
  ['token_type_ids', matrix([2, 4], [0, 0, 1, 1, 0, 0, 0, 0])],
  ['targets', matrix([2, 3], [1, 0, 0, 0, 0, 1])],
];

test('rows of a table, added where their ids say, are the dense gradient', () => {
  const rows = classifierStep({ architecture, labels: 3 });
  const gradients = gradientsOf(rows);
  const dense = classifierStep({ architecture, labels: 3 });
  const tables = dense.classifier.parameters.map(({ value }) => value).filter(({ name }) => /embeddings\.weight$/.test(name));
  const expected = differentiate(dense.classifier.builder, dense.loss, tables);
  const feeds = new Map([
    ...batch,
    ...rows.classifier.parameters.map(({ value }) => [value.name, uniform(value.shape as number[])] as const),
  ]);
  const denseResults = evaluate(dense.classifier.builder.graph(expected), feeds);

  expect(tables).toHaveLength(3);
  tables.forEach((table, i) => {
    const { parts, shape } = gradients.find(({ name }) => name === table.name)!;
    if (parts.kind !== 'rows') throw new Error(`${table.name} has a dense gradient`);
    const values = evaluate(rows.classifier.builder.graph(parts.lookups.flatMap(({ ids, gradient }) => [ids, gradient])), feeds);
    const sum = new Float64Array(sizeOf(shape));
    for (const { ids, gradient } of parts.lookups) {
      const [at, dy] = [values.get(ids.name)!.data, values.get(gradient.name)!.data];
      dy.forEach((x, k) => {
        sum[at[Math.floor(k / 4)]! * 4 + (k % 4)]! += x;
      });
    }
    expect(relativeDifference(sum, denseResults.get(expected[i]!.name)!.data)).toBeLessThan(1e-10);
    expect(Math.max(...sum.map(Math.abs))).toBeGreaterThan(1e-4);
  });
});

describe('what is trained', () => {
  test('everything that the loss depends on', () => {
    const { classifier, trained } = classifierStep({ architecture, labels: 3 });
    expect([...trained]).toEqual(classifier.parameters.map(({ value }) => value.name));
    expect(gradientsOf(classifierStep({ architecture, labels: 3 })).map(({ name }) => name)).toEqual([...trained]);
  });

  test('of it, what is asked for; the backward pass then ends above it', () => {
    const all = classifierStep({ architecture, labels: 3 });
    gradientsOf(all);
    const head = classifierStep({ architecture, labels: 3, trained: (name) => name.startsWith('classifier.') });
    expect(gradientsOf(head).map(({ name, parts }) => [name, parts.kind])).toEqual([
      ['classifier.weight', 'dense'],
      ['classifier.bias', 'dense'],
    ]);
    const backward = ({ classifier }: typeof all) => classifier.builder.nodes.filter(({ name }) => name.startsWith('grad/'));
    expect(backward(head).filter(({ name }) => name.includes('encoder'))).toEqual([]);
    expect(backward(head).length).toBeLessThan(backward(all).length / 4);
  });
});

test('what only training has is trained whatever else is', () => {
  const endef = architectureSchema.parse({ kind: 'endef', content: architecture, entity: { kernels: [1], channels: 2, mlp: [] } });
  const graphs = classifierGraphs({ architecture: endef, labels: 3, trained: (name) => name === 'classifier.bias' });
  const trained = [...graphs.training.trained];
  expect(trained.filter((name) => !name.startsWith('entity.'))).toEqual(['classifier.bias']);
  expect(trained).toContain('entity.classifier.weight');
});

test('a mask for each dropout site, in training only', () => {
  const dropped = { ...architecture, dropout: 0.1, attentionDropout: 0.2 };
  const { classifier } = classifierStep({ architecture: dropped, labels: 3 });
  expect(classifier.masks.map(({ value, rate }) => [value.name, rate, value.shape])).toEqual([
    ['dropout.0', 0.1, ['batch', 'tokens', 4]], // embeddings
    ['dropout.1', 0.2, ['batch', 2, 'tokens', 'tokens']], // attention
    ['dropout.2', 0.1, ['batch', 'tokens', 4]], // after attention
    ['dropout.3', 0.1, ['batch', 'tokens', 4]], // after the feed-forward part
    ['dropout.4', 0.1, ['batch', 4]], // before the head
  ]);
});
