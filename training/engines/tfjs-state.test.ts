import { expect, test } from 'vitest';
import type { Parameter } from '../../models/index.js';
import { javascriptTfjs } from '../../test/javascript-tfjs.js';
import { cases, gradientOf, learningRate, normOf, parameters, updates, weightOf } from '../optimizers/testing/updates.js';
import { TfjsState } from './tfjs-state.js';

const tf = await javascriptTfjs();
const values = parameters.map(
  ({ name, shape }): Parameter => ({
    value: { name, shape, type: 'float32' },
    init: { kind: 'zeros' },
    transposed: false,
  }),
);
const names = parameters.map(({ name }) => name);

test.each(cases)('$title, as PyTorch', async ({ optimizer, weights }) => {
  const given = new Map(names.map((name, k) => [name, Float32Array.from(weightOf(k))]));
  const state = new TfjsState(tf, values, new Set(names), given);
  for (let update = 0; update < updates; update++) {
    const gradients = parameters.map(({ shape }, k) => tf.tensor(gradientOf(k, update), [...shape]));
    state.update(names, gradients, optimizer, { learningRate, emaDecay: null, gradientNorm: normOf(update) });
    tf.dispose(gradients);
  }
  const after = await state.read();
  names.forEach((name, k) => {
    expect([...after.weights.get(name)!]).toEqual(weights[k]!.map((weight) => expect.closeTo(weight, 5) as number));
  });
  state.dispose();
});
