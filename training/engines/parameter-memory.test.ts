import { expect, test } from 'vitest';
import type { Parameter } from '../../models/index.js';
import { optimizerSchema } from '../optimizers/optimizer-config.js';
import { cases, gradientOf, learningRate, normOf, parameters, updates, weightOf } from '../optimizers/testing/updates.js';
import { ParameterMemory } from './parameter-memory.js';

const values = parameters.map(
  ({ name, shape }): Parameter => ({
    value: { name, shape, type: 'float32' },
    init: { kind: 'zeros' },
    transposed: false,
  }),
);
const names = parameters.map(({ name }) => name);
const start = (trained: readonly string[] = names) =>
  ParameterMemory.create(values, new Set(trained), new Map(names.map((name, k) => [name, Float32Array.from(weightOf(k))])));
const fill = (memory: ParameterMemory, update: number) => {
  for (const [k, name] of names.entries()) (memory.gradientTensor(name).data as Float32Array).set(gradientOf(k, update));
};

test.each(cases)('$title, as PyTorch', async ({ optimizer, weights }) => {
  const memory = await start();
  for (let update = 0; update < updates; update++) {
    fill(memory, update);
    expect(memory.gradientNorm()).toBeCloseTo(normOf(update), 5);
    memory.update(optimizer, { learningRate, emaDecay: null, gradientNorm: memory.gradientNorm() });
  }
  const state = memory.state();
  names.forEach((name, k) => {
    expect([...state.weights.get(name)!]).toEqual(weights[k]!.map((weight) => expect.closeTo(weight, 5) as number));
    expect(state.average.get(name)).toEqual(state.weights.get(name));
  });
});

test('the optimiser may change from one update to the next', async () => {
  const [one, two] = [await start(), await start()];
  const still = optimizerSchema.parse({ weightDecay: 0, groups: [{ match: '', rateFactor: 0 }] });
  for (const memory of [one, two]) fill(memory, 0);
  const step = { learningRate, emaDecay: null, gradientNorm: 1 };
  one.update(still, step);
  expect(one.state().weights).toEqual(two.state().weights);
  one.update(cases[0].optimizer, step);
  expect(one.state().weights).not.toEqual(two.state().weights);
});
