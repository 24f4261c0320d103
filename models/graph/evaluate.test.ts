import { expect, test } from 'vitest';
import { toOnnx } from '../onnx/to-onnx.js';
import { createSession } from '../runtime/node.js';
import { GraphBuilder } from './builder.js';
import { erf } from './evaluate/elementwise.js';
import { evaluate } from './evaluate.js';
import { opTypes } from './infer.js';
import { numbersOf, tensorOf } from './tensor.js';
import { feedsOf, opCases, sizeOfDim, titleOf, writeCase } from './testing/op-cases.js';

for (const opCase of opCases) {
  test(`the reference agrees with ONNX Runtime: ${titleOf(opCase)}`, async () => {
    const { g, y } = writeCase(opCase);
    const feeds = feedsOf(opCase);
    const graph = g.graph([y]);
    const expected = evaluate(graph, feeds).get(y.name)!;
    const session = await createSession(toOnnx(graph), { threads: 1, optimization: 'none' });
    const given = graph.inputs.map(({ name }) => [name, tensorOf(feeds.get(name)!.type, feeds.get(name)!.dims, feeds.get(name)!.data)]);
    const actual = (await session.run(Object.fromEntries(given)))[y.name]!;
    await session.dispose();

    expect(actual.type).toBe(y.type);
    expect(actual.dims).toEqual(y.shape.map(sizeOfDim));
    expect(expected.dims).toEqual(actual.dims);
    const scale = Math.max(...expected.data.map(Math.abs));
    expect(scale).toBeGreaterThan(0);
    numbersOf(actual).forEach((value, i) => {
      expect(Math.abs(value - expected.data[i]!) / scale).toBeLessThan(1e-5);
    });
  });
}

test('every op has a case', () => {
  const covered = new Set<string>(opCases.flatMap(({ listed }) => listed));
  expect([...opTypes].filter((op) => !covered.has(op))).toEqual([]);
});

test('the cases use the ops that they list', () => {
  for (const opCase of opCases) {
    const used = new Set<string>(writeCase(opCase).g.nodes.map(({ op }) => op));
    expect(
      opCase.listed.filter((op) => !used.has(op)),
      titleOf(opCase),
    ).toEqual([]);
  }
});

test('a constant may be an output', () => {
  const g = new GraphBuilder();
  const one = g.constant([1, 2]);
  expect(evaluate(g.graph([one]), new Map()).get(one.name)).toEqual({ dims: [2], data: Float64Array.of(1, 2) });
});

test('erf is right to double precision on both of its branches', () => {
  // Abramowitz and Stegun, table 7.1, and mpmath for the last two.
  for (const [x, value] of [
    [0, 0],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [3, 0.9999779095030014],
    [-1.5, -0.966105146475311],
    [7, 1],
  ] as const)
    expect(erf(x)).toBeCloseTo(value, 14);
});
