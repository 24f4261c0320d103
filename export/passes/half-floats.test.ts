import { expect, test } from 'vitest';
import { type Graph, narrowFloat16, toOnnx } from '../../models/index.js';
import { applyPasses } from './passes.js';
import { askGraph, largestDifference, randomTexts, smallArchitectures, smallModel } from './testing/small-model.js';

const halfOf = (model: Graph): Graph => applyPasses(model, 'fp16', { weights: new Set() }).graph;
const kinds = Object.keys(smallArchitectures) as (keyof typeof smallArchitectures)[];

test.each(kinds)('%s in half floats answers nearly as before, takes and gives what it did, and is half as large', async (kind) => {
  const model = smallModel(kind);
  const half = halfOf(model);
  expect(half.inputs).toEqual(model.inputs);
  expect(half.outputs).toEqual(model.outputs);
  const texts = randomTexts(2, 8, { longest: 30 });
  const [before, after] = [await askGraph(model, texts), await askGraph(half, texts, 3)];
  const spread = Math.max(...before.flat()) - Math.min(...before.flat());
  expect(largestDifference(after, before)).toBeLessThan(0.02 * spread);
  const share = toOnnx(half).length / toOnnx(model).length;
  expect(share).toBeLessThan(kind === 'a bidirectional GRU' ? 0.8 : 0.65); // recurrent weights stay
});

test('sums over tokens and the head are done in float32, products of tokens in float16', () => {
  const half = halfOf(smallModel());
  const typesOf = (op: string): readonly string[] => half.nodes.filter((node) => node.op === op).map(({ outputs }) => outputs[0]!.type);
  expect(new Set(typesOf('ReduceSum'))).toEqual(new Set(['float32']));
  const products = typesOf('MatMul');
  expect(products.at(-1)).toBe('float32');
  expect(new Set(products.slice(0, -1))).toEqual(new Set(['float16']));
});

test('padding is told by a number that a half can hold', () => {
  const half = halfOf(smallModel());
  const numbers = half.nodes.flatMap(({ inputs }) =>
    inputs.filter(({ constant }) => constant?.type === 'float16').map(({ constant }) => constant!.data),
  );
  expect(numbers.length).toBeGreaterThan(0);
  for (const data of numbers) expect([...data].every((bits) => (Number(bits) & 0x7c00) !== 0x7c00)).toBe(true);
});

test('narrowing rounds to the nearest half, to even where two are as near, and never to infinity', () => {
  const given = Float32Array.of(
    1,
    -2,
    0.1,
    65_504,
    1e9,
    -1e9,
    2 ** -24,
    2 ** -25,
    3 * 2 ** -25,
    1 + 2 ** -11,
    1 + 3 * 2 ** -11,
    0,
    -0,
    Number.NaN,
  );
  expect([...narrowFloat16(given)]).toEqual([
    0x3c00, 0xc000, 0x2e66, 0x7bff, 0x7bff, 0xfbff, 0x0001, 0x0000, 0x0002, 0x3c00, 0x3c02, 0x0000, 0x8000, 0x7e00,
  ]);
});
