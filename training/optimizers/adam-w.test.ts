import { expect, test } from 'vitest';
import { evaluate, GraphBuilder, type Numbers, type Value } from '../../models/index.js';
import { adamW, globalNorm, type ParameterState, type StepScalars } from './adam-w.js';
import { optimizerSchema } from './optimizer-config.js';
import { parameterRates } from './parameter-rates.js';
import { cases, gradientOf, learningRate, normOf, parameters, updates, weightOf } from './testing/updates.js';

const scalar = (value: number): Numbers => ({ dims: [], data: Float64Array.of(value) });

/** One update of a parameter of the given dims, all of whose elements are alike. */
function update(dims: readonly number[], { weight, first, second, average, gradient }: Record<string, number>, decay: number, scale = 1) {
  const g = new GraphBuilder({ float: 'float64' });
  const values = Object.fromEntries(['weight', 'first', 'second', 'average', 'gradient'].map((name) => [name, g.input(name, dims)]));
  const numbers = { learningRate: 0.1, correction1: 1 - 0.9, correction2: 1 - 0.999, gradientScale: scale, averageDecay: decay };
  const scalars = Object.fromEntries(Object.keys(numbers).map((name) => [name, g.input(name, [])])) as unknown as StepScalars;
  const config = optimizerSchema.parse({ weightDecay: 0.5 });
  const rate = parameterRates([{ name: 'weight', shape: dims }], config).get('weight')!;
  const next = adamW(g, values as unknown as ParameterState, values.gradient!, scalars, config, rate);
  const size = dims.reduce((a, b) => a * b, 1);
  const filled = (value: number): Numbers => ({ dims, data: new Float64Array(size).fill(value) });
  const feeds = new Map([
    ...Object.entries({ weight, first, second, average, gradient }).map(([name, value]) => [name, filled(value!)] as const),
    ...Object.entries(numbers).map(([name, value]) => [name, scalar(value)] as const),
  ]);
  const results = evaluate(g.graph(Object.values(next)), feeds);
  return Object.fromEntries(Object.entries(next).map(([name, value]) => [name, results.get(value.name)!.data[0]!]));
}

test.each(cases)('$title, as PyTorch', ({ optimizer, weights }) => {
  const rates = parameterRates(parameters, optimizer);
  parameters.forEach(({ name, shape }, k) => {
    const zero = new Float64Array(weightOf(k).length);
    let state = { weight: Float64Array.from(weightOf(k)), first: zero, second: zero, average: zero };
    for (let update = 0; update < updates; update++) {
      const g = new GraphBuilder({ float: 'float64' });
      const constant = (data: Float64Array | readonly number[]) => g.constant([...data], 'float64', shape);
      const [correction1, correction2] = [optimizer.beta1, optimizer.beta2].map((beta) => g.constant(1 - beta ** (update + 1)));
      const scalars: StepScalars = {
        learningRate: g.constant(learningRate),
        correction1: correction1!,
        correction2: correction2!,
        gradientScale: g.constant(Math.min(1, 1 / (normOf(update) + 1e-6))),
        averageDecay: g.constant(0),
      };
      const before = { weight: constant(state.weight), first: constant(state.first), second: constant(state.second), average: constant(state.average) }; // biome-ignore format: one line a thing
      const next = adamW(g, before, constant(gradientOf(k, update)), scalars, optimizer, rates.get(name)!);
      const results = evaluate(g.graph(Object.values(next)), new Map());
      const read = (value: Value) => results.get(value.name)!.data as Float64Array<ArrayBuffer>;
      state = { weight: read(next.weight), first: read(next.first), second: read(next.second), average: read(next.average) };
    }
    expect([...state.weight]).toEqual(weights[k]!.map((weight) => expect.closeTo(weight, 9) as number));
  });
});

test('the first update is a full step against the sign of the gradient, whatever its size', () => {
  for (const gradient of [1e-3, 5, -700]) {
    const next = update([3], { weight: 2, first: 0, second: 0, average: 2, gradient }, 0);
    expect(next.weight).toBeCloseTo(2 - 0.1 * Math.sign(gradient), 5);
    expect(next.first).toBeCloseTo(0.1 * gradient, 12);
    expect(next.second).toBeCloseTo(0.001 * gradient ** 2, 12);
  }
});

test('a matrix decays towards zero, a bias does not', () => {
  const still = { weight: 2, first: 0, second: 0, average: 2, gradient: 0 };
  expect(update([2, 2], still, 0).weight).toBeCloseTo(2 * (1 - 0.1 * 0.5), 12);
  expect(update([4], still, 0).weight).toBe(2);
});

test('the average follows the new weight', () => {
  const next = update([1], { weight: 2, first: 0, second: 0, average: 7, gradient: 1 }, 0.75);
  expect(next.average).toBeCloseTo(0.75 * 7 + 0.25 * next.weight!, 12);
  expect(update([1], { weight: 2, first: 0, second: 0, average: 7, gradient: 1 }, 0).average).toBeCloseTo(next.weight!, 12);
});

test('clipping scales the gradient before the moments see it', () => {
  const next = update([1], { weight: 0, first: 0, second: 0, average: 0, gradient: 10 }, 0, 0.1);
  expect([next.first, next.second]).toEqual([expect.closeTo(0.1, 12), expect.closeTo(0.001, 12)]);
});

test('the global norm is over all gradients together, single numbers among them', () => {
  const g = new GraphBuilder({ float: 'float64' });
  const norm = globalNorm(g, [g.input('a', [2, 1]), g.input('b', [3]), g.input('c', [])]);
  const feeds = new Map<string, Numbers>([
    ['a', { dims: [2, 1], data: Float64Array.of(1, 2) }],
    ['b', { dims: [3], data: Float64Array.of(2, 4, 4) }],
    ['c', scalar(-3)],
  ]);
  expect(evaluate(g.graph([norm]), feeds).get(norm.name)!.data[0]).toBeCloseTo(Math.sqrt(50), 12);
});
