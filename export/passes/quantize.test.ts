import { describe, expect, test } from 'vitest';
import { type Graph, numbersOf, toOnnx } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { applyPasses } from './passes.js';
import { mostOfWeights } from './quantize-products.js';
import { roundWeights } from './round-weights.js';
import { ask, askGraph, largestDifference, randomTexts, smallArchitectures, smallModel } from './testing/small-model.js';

const int8 = (graph: Graph, keep?: (layer: string) => boolean): Graph =>
  applyPasses(graph, 'int8', { weights: new Set(), ...(keep ? { keep } : {}) }).graph;

describe('weights', () => {
  const tensor = { type: 'float32', dims: [2, 3], data: Float32Array.of(1, -2, 0, -0.5, 4, 0) } as const;

  test('each column has a scale of its own, and its largest value the largest integer', () => {
    const { values, scales } = roundWeights(tensor, { over: 0, most: 64 });
    expect([...values.data]).toEqual([64, -32, 0, -32, 64, 0]);
    expect(scales).toMatchObject({ dims: [1, 3] });
    expect(numbersOf(scales)).toEqual([1 / 64, 4 / 64, 1]);
  });

  test('or each row', () => {
    const { values, scales } = roundWeights(tensor, { over: -1, most: 127 });
    expect([...values.data]).toEqual([64, -127, 0, -16, 127, 0]);
    expect(scales.dims).toEqual([2, 1]);
  });
});

describe('a rounded encoder', () => {
  const model = smallModel();
  const rounded = int8(model);

  test('has integer products of 7 bits, so that no processor overflows 16 bits', () => {
    const products = rounded.nodes.filter(({ op }) => op === 'MatMulInteger');
    expect(products).toHaveLength(12);
    for (const { inputs } of products) {
      const sizes = numbersOf(inputs[1]!.constant!).map(Math.abs);
      expect(Math.max(...sizes)).toBe(mostOfWeights);
      expect(2 * 255 * Math.max(...sizes)).toBeLessThan(2 ** 15);
    }
  });

  test('quantises once what several products read', () => {
    // Queries, keys and values read one row; three more products a layer.
    expect(rounded.nodes.filter(({ op }) => op === 'QuantizeLinear')).toHaveLength(8);
  });

  test('is made of standard operators alone, with inputs and outputs as they were', () => {
    const { inputs, outputs } = rounded;
    expect(inputs).toEqual(model.inputs);
    expect(outputs.map(({ name, shape, type }) => ({ name, shape, type }))).toEqual([
      { name: 'logits', shape: ['batch', 2], type: 'float32' },
    ]);
  });

  test('answers nearly as before', async () => {
    const texts = randomTexts(3, 12);
    const [before, after] = [await askGraph(model, texts), await askGraph(rounded, texts)];
    const spread = Math.max(...before.flat()) - Math.min(...before.flat());
    const difference = largestDifference(after, before);
    expect(difference).toBeGreaterThan(0);
    expect(difference).toBeLessThan(0.1 * spread);
  });

  test('leaves a layer as it is that it is told to', async () => {
    const layer = 'bert.encoder.layer.1.output.dense';
    const kept = int8(model, (name) => name === layer);
    expect(kept.nodes.filter(({ op }) => op === 'MatMulInteger')).toHaveLength(11);
    const weight = kept.nodes.flatMap(({ inputs }) => inputs).find(({ name }) => name === `${layer}.weight`);
    expect(weight?.type).toBe('float32');
  });

  test('a row of zeros stays zeros, and is not divided by its size', async () => {
    const table = model.nodes.flatMap(({ inputs }) => inputs).find(({ name }) => name.endsWith('word_embeddings.weight'))!;
    (table.constant!.data as Float32Array).fill(0, 64, 128);
    expect((await askGraph(int8(model), [[1, 1, 1]])).flat().every(Number.isFinite)).toBe(true);
  });
});

test('a table that is read twice is one table, of a quarter of the size', () => {
  const model = smallModel('two views of a text');
  const share = toOnnx(int8(model)).length / toOnnx(model).length;
  const tables = new Set(
    int8(model).nodes.flatMap(({ op, inputs }) => (op === 'Gather' && inputs[0]!.type === 'int8' ? [inputs[0]!.name] : [])),
  );
  expect([...tables].length).toBe(new Set(tables).size);
  expect(share).toBeLessThan(0.45);
});

test('recurrent weights are stored small and computed with in float32', async () => {
  const model = smallModel('a bidirectional GRU');
  const rounded = int8(model);
  expect(toOnnx(rounded).length).toBeLessThan(0.5 * toOnnx(model).length);
  const texts = randomTexts(4, 6, { longest: 12 });
  expect(largestDifference(await askGraph(rounded, texts), await askGraph(model, texts))).toBeLessThan(0.05);
});

describe.each(Object.keys(smallArchitectures) as (keyof typeof smallArchitectures)[])(
  'a text keeps its answer in int8, optimised as it is served: %s',
  (kind) => {
    test('alone, in any batch, and with padding, over 40 batches from seeds', async () => {
      const session = await createSession(toOnnx(int8(smallModel(kind))), { optimization: 'all', threads: 2 });
      let largest = 0;
      for (let seed = 1; seed <= 40; seed++) {
        const texts = randomTexts(seed, 1 + (seed % 9));
        const together = await ask(session, texts, (seed * 5) % 17);
        for (const [i, text] of texts.entries()) largest = Math.max(largest, largestDifference(await ask(session, [text]), [together[i]!]));
      }
      await session.dispose();
      expect(largest).toBeLessThan(1e-6);
    });
  },
);
