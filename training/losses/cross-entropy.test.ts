import { describe, expect, test } from 'vitest';
import { evaluate, GraphBuilder, type Numbers, toOnnx, type Value } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { crossEntropy, logSoftmax } from './cross-entropy.js';

const matrix = (rows: readonly (readonly number[])[]): Numbers => ({
  dims: [rows.length, rows[0]!.length],
  data: Float64Array.from(rows.flat()),
});
function run(rows: readonly (readonly number[])[], build: (g: GraphBuilder, logits: Value) => Value): Float64Array {
  const g = new GraphBuilder({ float: 'float64' });
  const y = build(g, g.input('logits', [rows.length, rows[0]!.length]));
  return evaluate(g.graph([y]), new Map([['logits', matrix(rows)]])).get(y.name)!.data;
}
const loss = (rows: readonly (readonly number[])[], labels: readonly number[]): number =>
  run(rows, (g, logits) => crossEntropy(g, logits, g.constant(labels, 'int64')))[0]!;

describe('cross-entropy', () => {
  test('of equal logits is the logarithm of the number of labels', () => expect(loss([[5, 5, 5]], [1])).toBeCloseTo(Math.log(3), 12));

  test('is the mean over the batch of minus the log of the probability of the label', () => {
    // softmax of [0, log 3] is [1/4, 3/4]
    expect(loss([[0, Math.log(3)], [0, Math.log(3)]], [0, 1])).toBeCloseTo((Math.log(4) + Math.log(4 / 3)) / 2, 12); // biome-ignore format: a matrix
  });

  test('does not change when all logits of a text grow alike', () => {
    expect(loss([[1, 2, 3]], [0])).toBeCloseTo(loss([[101, 102, 103]], [0]), 12);
  });

  test('stays a number where a softmax would be 0', () => {
    expect(loss([[1000, -1000]], [1])).toBe(2000);
    expect(loss([[1000, -1000]], [0])).toBeCloseTo(0, 12);
  });

  test('stays a number in float32 too', async () => {
    const g = new GraphBuilder();
    const y = crossEntropy(g, g.input('logits', ['batch', 2]), g.constant([1], 'int64'));
    const session = await createSession(toOnnx(g.graph([y])));
    const results = await session.run({ logits: { type: 'float32', dims: [1, 2], data: Float32Array.of(300, -300) } });
    expect(results[y.name]!.data[0]).toBe(600);
    await session.dispose();
  });
});

test('logSoftmax: the exponentials of a row sum to one', () => {
  const rows = [[1, -2, 0.5], [30, 0, 700]]; // biome-ignore format: a matrix
  const y = run(rows, logSoftmax);
  for (const row of [y.subarray(0, 3), y.subarray(3)]) expect(row.reduce((sum, x) => sum + Math.exp(x), 0)).toBeCloseTo(1, 12);
});
