import { describe, expect, test } from 'vitest';
import type { Parameter } from '../../models/index.js';
import { createRandom } from '../data/random.js';
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

describe('a table that is only looked up in', () => {
  const [rows, width] = [60, 8];
  const table: Parameter = { value: { name: 'table', shape: [rows, width], type: 'float32' }, init: { kind: 'zeros' }, transposed: false };
  const create = (lookedUp: readonly string[]) =>
    ParameterMemory.create(
      [table],
      new Set(['table']),
      new Map([['table', Float32Array.from({ length: rows * width }, (_, i) => Math.sin(i))]]),
      new Set(lookedUp),
    );
  const lookups = new Map([['table', ['ids']]]);
  const adamW = optimizerSchema.parse({ weightDecay: 0.1 });

  /** One step of both, of the same few rows of a table; more of them come up as the run goes on. */
  function step(memories: readonly ParameterMemory[], number: number, optimizer = adamW): void {
    const random = createRandom(1, number);
    const ids = BigInt64Array.from({ length: 6 }, () => BigInt(Math.floor(random.next() ** 2 * rows)));
    const gradient = Float32Array.from({ length: ids.length * width }, () => random.next() - 0.5);
    const read = memories.map((memory) => {
      const { data } = memory.read(lookups, { ids: { type: 'int64', dims: [ids.length], data: ids } }).table!;
      return [...ids].map((id) => [...(data as Float32Array).subarray(Number(id) * width, (Number(id) + 1) * width)]);
    });
    expect(read[0]).toEqual(read[1]); // what the step looks up
    for (const memory of memories) {
      memory.addRows('table', ids, gradient, 1);
      const emaDecay = number < 3 ? null : 0.9;
      memory.update(optimizer, { learningRate: 0.01 * (number + 1), emaDecay, gradientNorm: memory.gradientNorm() });
      memory.clearRows();
    }
  }

  test('is the same to the bit as one whose rows are all updated at each step', async () => {
    const [lazy, full] = [await create(['table']), await create([])];
    for (let number = 0; number < 30; number++) {
      step([lazy, full], number);
      if (number % 7 === 6) expect(lazy.state()).toEqual(full.state());
      if (number % 11 === 10) expect(lazy.tensors('average')).toEqual(full.tensors('average'));
    }
    const { first } = full.state();
    const still = first
      .get('table')!
      .filter((_, i) => i % width === 0)
      .filter((moment) => moment === 0).length;
    expect(still).toBeGreaterThan(3); // rows that never came up, so that the test is one
    expect(still).toBeLessThan(rows - 20);
  });

  test('goes on from a state as if it had never stopped, also after more updates than are put off', async () => {
    const [lazy, full] = [await create(['table']), await create([])];
    for (let number = 0; number < 20; number++) step([lazy, full], number);
    const [fresh, state] = [await create(['table']), lazy.state()];
    step([fresh, await create([])], 40); // what it did before does not count
    fresh.restore(state);
    for (let number = 20; number < 320; number++) step([fresh, full], number);
    expect(fresh.state()).toEqual(full.state());
  });

  test('whose decay is in the gradient has all its rows updated, from when it is', async () => {
    const [lazy, full] = [await create(['table']), await create([])];
    const adam = optimizerSchema.parse({ kind: 'adam', weightDecay: 0.1 });
    for (let number = 0; number < 12; number++) step([lazy, full], number, number < 4 || number > 7 ? adamW : adam);
    expect(lazy.state()).toEqual(full.state());
  });
});
