/** @file What every loss and regulariser must do: have a right gradient, and stay a number in float32 where there is little to go by. */
import { describe, expect, test } from 'vitest';
import { evaluate, GraphBuilder, type Tensor, toOnnx } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { differentiate } from '../autodiff/differentiate.js';
import { gradCheck, gradProblem } from '../autodiff/grad-check.js';
import type { Task } from '../data/dataset.js';
import { type LossCase, lossCases } from './testing/loss-cases.js';

const targets: { readonly [T in Task]: readonly number[] } = {
  'single-label': [1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1],
  'multi-label': [1, 0, 1, 0, 0, 0, 1, 1, 1, 0, 1, 0],
  regression: [0.5, 1, -1, 2, 0.1, 0, -0.3, 0.7, 1.1, 0, 0, 3],
};
const soft: { readonly [T in Task]: readonly number[] } = {
  'single-label': [0.7, 0.2, 0.1, 0.1, 0.4, 0.5, 1, 0, 0, 0.3, 0.3, 0.4],
  'multi-label': [0.9, 0, 0.5, 0.2, 0, 0.1, 1, 0.6, 1, 0, 0.5, 0],
  regression: targets.regression,
};
const given = [1.9, -1, 0.3, -0.4, 0.2, 0.1, 0, 2, -2, 1.2, 0.4, -0.8];
const gradCase = ({ inputs, fixed = [], build }: LossCase, target: readonly number[]) => ({
  inputs: Object.fromEntries(inputs.map((name) => [name, { shape: [4, 3] }])),
  build: (g: GraphBuilder, values: Parameters<LossCase['build']>[1]) => {
    const beside = fixed.map((name) => [name, g.constant(given, g.float, [4, 3])] as const);
    return build(g, { ...values, ...Object.fromEntries(beside) }, g.constant(target, g.float, [4, 3]));
  },
});

describe.each(lossCases.map((one) => [one.title, one] as const))('%s', (_, one) => {
  test('its gradient agrees with central differences, and is not zero', () => {
    const problem = gradCase(one, targets[one.task]);
    expect(gradCheck(problem)).toBeLessThan(1e-6);
    const { builder, gradients, feeds } = gradProblem(problem);
    for (const { data } of evaluate(builder.graph(gradients), feeds).values())
      expect(Math.max(...data.map(Math.abs))).toBeGreaterThan(1e-3);
  });

  test('so it does for soft targets', () => expect(gradCheck(gradCase(one, soft[one.task]))).toBeLessThan(1e-6));

  test('it is one finite number with finite gradients for batches that tell nothing', async () => {
    const g = new GraphBuilder();
    const input = (name: string) => [name, g.input(name, ['batch', 3])] as const;
    const values = Object.fromEntries([...one.inputs, ...(one.fixed ?? [])].map(input));
    const loss = one.build(g, values, g.input('target', ['batch', 3]));
    expect(loss.shape).toEqual([]);
    const results = [
      loss,
      ...differentiate(
        g,
        loss,
        one.inputs.map((name) => values[name]!),
      ),
    ];
    const graph = g.graph(results);
    const session = await createSession(toOnnx(graph));
    for (const [name, { target, logits }] of Object.entries(barren)) {
      const tensors: Record<string, Tensor> = { target: tensor(target[one.task]) };
      for (const [i, key] of Object.keys(values).entries()) tensors[key] = tensor(logits[i % logits.length]!);
      const read = Object.fromEntries(graph.inputs.map((value) => [value.name, tensors[value.name]!]));
      const outputs = await session.run(read);
      for (const { name: output } of results) {
        const numbers = [...(outputs[output]!.data as Float32Array)];
        expect({ batch: name, finite: numbers.every(Number.isFinite), numbers }).toMatchObject({ finite: true });
      }
    }
    await session.dispose();
  });
});

const tensor = (rows: readonly number[]): Tensor => ({ type: 'float32', dims: [rows.length / 3, 3], data: Float32Array.from(rows) });
const all = (rows: readonly number[]): { readonly [T in Task]: readonly number[] } => ({
  'single-label': rows,
  'multi-label': rows,
  regression: rows,
});

/** Targets, and logits or features: one set for each input in turn. */
const barren: Readonly<Record<string, { target: { readonly [T in Task]: readonly number[] }; logits: readonly (readonly number[])[] }>> = {
  'one text': { target: all([0, 1, 0]), logits: [[0.3, -1, 2], [1, 1, 0]] }, // biome-ignore format: a row each
  'one label': { target: all([0, 1, 0, 0, 1, 0, 0, 1, 0]), logits: [[1, 2, 3, -1, 0, 1, 0.5, 0.5, 0.5], [0, 0, 1, 1, 0, 0, 0, 1, 0]] }, // biome-ignore format: a row each
  'a label for each text': { target: all([1, 0, 0, 0, 1, 0, 0, 0, 1]), logits: [[1, 2, 3, -1, 0, 1, 0.5, 0.5, 0.5]] },
  'no label at all': { target: { ...all([0, 0, 0, 0, 0, 0]), 'single-label': [1, 0, 0, 1, 0, 0] }, logits: [[1, 2, 3, -1, 0, 1]] },
  'sure and right': { target: all([1, 0, 0, 0, 1, 0]), logits: [[1e4, -1e4, -1e4, -1e4, 1e4, -1e4]] },
  'sure and wrong': { target: all([1, 0, 0, 0, 1, 0]), logits: [[-1e4, 1e4, -1e4, 1e4, -1e4, 1e4], [1e4, -1e4, -1e4, -1e4, 1e4, -1e4]] }, // biome-ignore format: a row each
  'nothing said': { target: all([1, 0, 0, 0, 1, 0]), logits: [[0, 0, 0, 0, 0, 0]] },
  'all the same, far from zero': { target: all([0, 0, 1, 0, 0, 1]), logits: [[1e4, 1e4, 1e4, 1e4, 1e4, 1e4]] },
  'constant targets': {
    target: { ...all([1, 1, 1, 1, 1, 1]), 'single-label': [1, 0, 0, 1, 0, 0] },
    logits: [[0.1, 0.2, 0.3, 0.3, 0.1, 7]],
  },
};
