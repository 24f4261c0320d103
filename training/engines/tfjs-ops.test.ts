import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { evaluate } from '../../models/index.js';
import { relativeDifference } from '../../test/golden.js';
import { javascriptTfjs } from '../../test/javascript-tfjs.js';
import { gradProblem } from '../autodiff/grad-check.js';
import { gradientCases } from '../autodiff/gradient-cases.js';
import { tfjsGraph } from './tfjs-graph.js';
import { tfjsOps } from './tfjs-ops.js';

const tf = await javascriptTfjs();

for (const { listed, ...gradCase } of gradientCases) {
  const shapes = Object.values(gradCase.inputs).map(({ shape }) => `[${shape}]`);
  test(`${listed.join(', ')} over ${shapes}: TensorFlow.js gives the value and, by its own autodiff, the gradients of our rules`, async () => {
    const { values, loss, gradients, builder, feeds } = gradProblem(gradCase);
    const ours = evaluate(builder.graph([loss, ...gradients]), feeds);
    const graph = tfjsGraph(tf, builder.graph([loss]));
    const fed = new Map(
      [...feeds].map(([name, { dims, data }]) => [name, tf.tensor(Float32Array.from(data), [...dims], 'float32')] as const),
    );
    const run = (...inputs: Tensor[]): Tensor =>
      graph.run(new Map([...fed, ...values.map(({ name }, i) => [name, inputs[i]!] as const)]))[0]!;
    const { value, grads } = tf.valueAndGrads(run as (...inputs: Tensor[]) => Scalar)(values.map(({ name }) => fed.get(name)!));
    expect(relativeDifference(await value.data(), ours.get(loss.name)!.data)).toBeLessThan(1e-4);
    for (const [i, gradient] of gradients.entries()) {
      expect(relativeDifference(await grads[i]!.data(), ours.get(gradient.name)!.data)).toBeLessThan(1e-4);
    }
  });
}

test('every op is run by a case', () => {
  const covered = new Set<string>(gradientCases.flatMap(({ listed }) => listed));
  expect(Object.keys(tfjsOps).filter((op) => !covered.has(op))).toEqual([]);
});
