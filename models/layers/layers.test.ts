import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder.js';
import type { Numbers } from '../graph/evaluate/evaluation.js';
import { evaluate } from '../graph/evaluate.js';
import type { Shape, Value } from '../graph/graph.js';
import { sizeOf } from '../graph/tensor.js';
import { dropout } from './dropout.js';
import { embedding } from './embedding.js';
import { layerNorm } from './layer-norm.js';
import { linear } from './linear.js';
import { paddingBias, pooledWidth, poolings } from './pooling.js';
import { Scope } from './scope.js';
import { selfAttention } from './self-attention.js';

const root = (options?: { training: boolean }) => Scope.root(new GraphBuilder({ float: 'float64' }), options);
const numbers = (dims: readonly number[], of: (i: number) => number): Numbers => ({
  dims,
  data: Float64Array.from({ length: sizeOf(dims) }, (_, i) => of(i)),
});
/** Numbers that are all different, the same for the same name. */
const wavy = (name: string, dims: readonly number[]): Numbers => numbers(dims, (i) => Math.sin(1 + i * 1.7 + name.length));

/** Runs `y` with its parameters wavy and the other inputs as given. */
function run(scope: Scope, y: Value, feeds: Readonly<Record<string, Numbers>> = {}): Numbers {
  const parameters = scope.parameters.map(({ value }) => [value.name, wavy(value.name, value.shape as number[])] as const);
  return evaluate(scope.graph.graph([y]), new Map([...parameters, ...Object.entries(feeds)])).get(y.name)!;
}

describe('a scope', () => {
  test('names weights by the dotted path, and nodes by the same', () => {
    const scope = root().at('encoder').at('layer').at('0');
    const y = linear(scope, scope.graph.input('x', [2, 3]), { inputs: 3, outputs: 4 });
    expect(scope.parameters.map(({ value }) => value.name)).toEqual(['encoder.layer.0.weight', 'encoder.layer.0.bias']);
    expect(y.name).toBe('encoder.layer.0/Add_1');
  });

  test('gives the same weight to a layer that is written again', () => {
    const scope = root();
    const weight = scope.at('a').parameter('weight', [1], { kind: 'zeros' });
    expect(scope.at('a').parameter('weight', [1], { kind: 'zeros' })).toBe(weight);
    expect(scope.parameters).toHaveLength(1);
    expect(() => scope.at('a').parameter('weight', [2], { kind: 'zeros' })).toThrow(/a\.weight: shared as \[1\] and \[2\]/);
  });

  test('counts dropout sites in the order in which they are written', () => {
    const scope = root({ training: true });
    scope.at('a').mask([2], 0.1);
    scope.at('b').mask(['batch'], 0.2);
    expect(scope.masks).toMatchObject([
      { value: { name: 'dropout.0', shape: [2] }, rate: 0.1 },
      { value: { name: 'dropout.1', shape: ['batch'] }, rate: 0.2 },
    ]);
  });
});

test('linear: x · weight + bias over the last dim; the weight is stored the other way round', () => {
  const scope = root();
  const y = linear(scope, scope.graph.input('x', ['batch', 1, 2]), { inputs: 2, outputs: 1 });
  expect(y.shape).toEqual(['batch', 1, 1]);
  const feeds = {
    x: numbers([2, 1, 2], (i) => [1, 2, 3, 4][i]!),
    weight: numbers([2, 1], (i) => [10, 1][i]!),
    bias: numbers([1], () => 0.5),
  };
  expect([...run(scope, y, feeds).data]).toEqual([12.5, 34.5]);
  expect(scope.parameters.map(({ init, transposed }) => [init.kind, transposed])).toEqual([['normal', true], ['zeros', false]]); // biome-ignore format: a table
});

test('layerNorm: each row has mean 0 and deviation 1, then takes weight and bias', () => {
  const scope = root();
  const y = layerNorm(scope, scope.graph.input('x', ['n', 4]), { width: 4, epsilon: 1e-12 });
  const plain = { x: wavy('x', [3, 4]), weight: numbers([4], () => 1), bias: numbers([4], () => 0) };
  const { data } = run(scope, y, plain);
  for (let row = 0; row < 3; row++) {
    const part = data.subarray(row * 4, row * 4 + 4);
    expect(part.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 10);
    expect(part.reduce((sum, x) => sum + x * x, 0) / 4).toBeCloseTo(1, 10);
  }
  const scaled = run(scope, y, { ...plain, weight: numbers([4], () => 2), bias: numbers([4], () => 5) });
  expect(scaled.data[1]).toBeCloseTo(2 * data[1]! + 5, 12);
  expect(scope.parameters.map(({ init }) => init.kind)).toEqual(['ones', 'zeros']);
});

test('embedding: the rows that the ids name', () => {
  const scope = root();
  const y = embedding(scope, scope.graph.input('ids', ['batch', 'tokens'], 'int64'), { entries: 3, width: 2 });
  expect(y.shape).toEqual(['batch', 'tokens', 2]);
  const feeds = { ids: numbers([1, 2], (i) => [2, 0][i]!), weight: numbers([3, 2], (i) => i) };
  expect([...run(scope, y, feeds).data]).toEqual([4, 5, 0, 1]);
});

describe('dropout', () => {
  test('is not there outside training, nor at rate 0', () => {
    for (const [training, rate] of [
      [false, 0.5],
      [true, 0],
    ] as const) {
      // biome-ignore format: a table
      const scope = root({ training });
      const x = scope.graph.input('x', [2]);
      expect(dropout(scope, x, rate)).toBe(x);
      expect(scope.masks).toEqual([]);
    }
  });

  test('in training multiplies by a mask of the shape of x', () => {
    const scope = root({ training: true });
    const y = dropout(scope, scope.graph.input('x', ['n']), 0.5);
    const feeds = { x: numbers([3], (i) => i + 1), 'dropout.0': numbers([3], (i) => (i === 1 ? 0 : 2)) };
    expect([...run(scope, y, feeds).data]).toEqual([2, 0, 6]);
  });
});

describe('padding has no say', () => {
  const mask = numbers([2, 3], (i) => [1, 1, 1, 1, 1, 0][i]!); // the second text has two tokens
  const states = wavy('states', [2, 3, 4]);
  const otherPadding: Numbers = { dims: states.dims, data: states.data.map((x, i) => (i >= 20 ? 100 * x + 7 : x)) };
  const shape: Shape = ['batch', 'tokens', 4];

  test('paddingBias: 0 for tokens, -10000 for padding', () => {
    const scope = root();
    const y = paddingBias(scope, scope.graph.input('mask', ['batch', 'tokens'], 'int64'));
    expect([...run(scope, y, { mask }).data].map((x) => x + 0)).toEqual([0, 0, 0, 0, 0, -10_000]);
  });

  test.each(Object.keys(poolings) as (keyof typeof poolings)[])('in %s pooling', (pooling) => {
    const scope = root();
    const given = scope.graph.input('mask', ['batch', 'tokens'], 'int64');
    const layers = [0, 1, 2, 3].map((i) => scope.graph.input(`state.${i}`, shape));
    const y = poolings[pooling](scope, { states: layers, mask: given, width: 4, deviation: 0.02 });
    expect(y.shape).toEqual(['batch', pooledWidth(pooling, 4)]);
    const answer = (last: Numbers) => {
      const fed = Object.fromEntries(layers.map(({ name }, i) => [name, i === 3 ? last : wavy(name, [2, 3, 4])]));
      return [...run(scope, y, { ...fed, mask }).data];
    };
    expect(answer(otherPadding)).toEqual(answer(states));
    expect(answer({ dims: states.dims, data: states.data.map((x, i) => (i === 12 ? x + 1 : x)) })).not.toEqual(answer(states)); // its first token has
  });

  test('in self-attention, for the tokens that are none', () => {
    const scope = root();
    const bias = scope.graph.input('bias', ['batch', 1, 1, 'tokens']);
    const y = selfAttention(scope, scope.graph.input('x', shape), bias, { width: 4, heads: 2, dropout: 0, deviation: 0.02 });
    expect(y.shape).toEqual(shape);
    const fed = numbers([2, 1, 1, 3], (i) => (i === 5 ? -10_000 : 0));
    const tokens = (x: Numbers) => [...run(scope, y, { x, bias: fed }).data.subarray(0, 20)];
    expect(tokens(otherPadding)).toEqual(tokens(states));
  });
});

test('mean pooling is the mean of the tokens; a text without any gives zeros, not NaN', () => {
  const scope = root();
  const [x, mask] = [scope.graph.input('x', ['batch', 'tokens', 1]), scope.graph.input('mask', ['batch', 'tokens'], 'int64')];
  const y = poolings.mean(scope, { states: [x], mask, width: 1, deviation: 0.02 });
  const feeds = { x: numbers([2, 3, 1], (i) => i + 1), mask: numbers([2, 3], (i) => [1, 1, 0, 0, 0, 0][i]!) };
  expect([...run(scope, y, feeds).data]).toEqual([1.5, 0]);
});

test('self-attention of one token is its value, whatever it asks', () => {
  const scope = root();
  const bias = scope.graph.input('bias', ['batch', 1, 1, 'tokens']);
  const y = selfAttention(scope, scope.graph.input('x', ['batch', 'tokens', 4]), bias, { width: 4, heads: 2, dropout: 0, deviation: 0.02 });
  const x = wavy('x', [1, 1, 4]);
  const weight = wavy('value.weight', [4, 4]);
  const offset = wavy('value.bias', [4]);
  const { data } = run(scope, y, { x, bias: numbers([1, 1, 1, 1], () => 0) });
  data.forEach((value, column) => {
    const sum = [0, 1, 2, 3].reduce((total, row) => total + x.data[row]! * weight.data[row * 4 + column]!, offset.data[column]!);
    expect(value).toBeCloseTo(sum, 12);
  });
});
