import { describe, expect, test } from 'vitest';
import { evaluate, GraphBuilder, type Numbers, toOnnx, type Value } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { type CrossEntropyOptions, crossEntropy } from './cross-entropy.js';
import { logSigmoids, logSoftmax } from './log-probabilities.js';

type Rows = readonly (readonly number[])[];
const matrix = (rows: Rows): Numbers => ({ dims: [rows.length, rows[0]!.length], data: Float64Array.from(rows.flat()) });
function run(rows: Rows, build: (g: GraphBuilder, logits: Value) => Value): Float64Array {
  const g = new GraphBuilder({ float: 'float64' });
  const y = build(g, g.input('logits', [rows.length, rows[0]!.length]));
  return evaluate(g.graph([y]), new Map([['logits', matrix(rows)]])).get(y.name)!.data;
}
const loss = (rows: Rows, target: Rows, options?: CrossEntropyOptions, mask?: readonly number[]): number =>
  run(rows, (g, logits) => {
    const wanted = g.constant(target.flat(), 'float64', [target.length, target[0]!.length]);
    return crossEntropy(g, { logits, target: wanted }, options, mask && g.constant(mask));
  })[0]!;

describe('cross-entropy', () => {
  test('of equal logits is the logarithm of the number of labels', () =>
    expect(loss([[5, 5, 5]], [[0, 1, 0]])).toBeCloseTo(Math.log(3), 12));

  /** The softmax is [1/4, 3/4]. */
  const logits = [0, Math.log(3)];

  test('is the mean over the batch of minus the log of the probability of the label', () => {
    expect(loss([logits, logits], [[1, 0], [0, 1]])).toBeCloseTo((Math.log(4) + Math.log(4 / 3)) / 2, 12); // biome-ignore format: a matrix
  });

  test('of a soft target is the mean over the labels as the target weighs them', () => {
    expect(loss([logits], [[0.25, 0.75]])).toBeCloseTo(0.25 * Math.log(4) + 0.75 * Math.log(4 / 3), 12);
  });

  test('counts a text by the weight of its label, in the sum and in what that is divided by', () => {
    const weighted = loss([logits, logits], [[1, 0], [0, 1]], { weights: [3, 1] }); // biome-ignore format: a matrix
    expect(weighted).toBeCloseTo((3 * Math.log(4) + Math.log(4 / 3)) / 4, 12);
    expect(loss([logits], [[1, 0]], { weights: [3, 1] })).toBeCloseTo(Math.log(4), 12);
  });

  test('leaves out rows that the mask leaves out, and is 0 without any', () => {
    const rows = [[1, 0], [0, 1]]; // biome-ignore format: a matrix
    expect(loss([logits, logits], rows, {}, [1, 0])).toBeCloseTo(Math.log(4), 12);
    expect(loss([logits, logits], rows, { weights: [3, 1] }, [0, 1])).toBeCloseTo(Math.log(4 / 3), 12);
    for (const weights of [undefined, [3, 1]]) expect(Math.abs(loss([logits, logits], rows, { weights }, [0, 0]))).toBe(0);
  });

  test('does not change when all logits of a text grow alike', () => {
    expect(loss([[1, 2, 3]], [[1, 0, 0]])).toBeCloseTo(loss([[101, 102, 103]], [[1, 0, 0]]), 12);
  });

  test('stays a number where a softmax would be 0', () => {
    expect(loss([[1000, -1000]], [[0, 1]])).toBe(2000);
    expect(loss([[1000, -1000]], [[1, 0]])).toBeCloseTo(0, 12);
  });

  test('stays a number in float32 too', async () => {
    const g = new GraphBuilder();
    const y = crossEntropy(g, { logits: g.input('logits', ['batch', 2]), target: g.constant([0, 1], 'float32', [1, 2]) });
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

test('logSigmoids: right where they are near zero and where they are far', () => {
  const rows = [[0, 20, -20, 1000]];
  const [yes, no] = (['yes', 'no'] as const).map((way) => [...run(rows, (g, x) => logSigmoids(g, x)[way])]);
  const [half, tiny] = [Math.log(0.5), -Math.log1p(Math.exp(-20))];
  const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12) as number);
  expect(yes).toEqual(close([half, tiny, tiny - 20, 0]));
  expect(no).toEqual(close([half, tiny - 20, tiny, -1000]));
});
