/** @file Small examples with known values. */
import { describe, expect, test } from 'vitest';
import { evaluate, GraphBuilder, reshape, type Value } from '../../models/index.js';
import { differentiate } from '../autodiff/differentiate.js';
import { binaryCrossEntropy } from './binary-cross-entropy.js';
import { crossEntropy } from './cross-entropy.js';
import { lossSchema, type ResolvedLoss, supervisedLoss } from './loss.js';
import { meanSquaredError } from './mean-squared-error.js';
import { selfContrastive } from './self-contrastive.js';
import { supervisedContrastive } from './supervised-contrastive.js';
import { tsaSchedules, tsaThreshold } from './tsa.js';
import { sharpen, udaConsistency } from './uda.js';

type Rows = readonly (readonly number[])[];
/** What `build` gives for constant matrices. */
function outcome(matrices: readonly Rows[], build: (g: GraphBuilder, values: readonly Value[]) => Value): number[] {
  const g = new GraphBuilder({ float: 'float64' });
  const y = build(
    g,
    matrices.map((rows) => g.constant(rows.flat(), 'float64', [rows.length, rows[0]!.length])),
  );
  return [...evaluate(g.graph([y]), new Map()).get(y.name)!.data];
}
const loss = (config: object, logits: Rows, target: Rows): number =>
  outcome([logits, target], (g, [x, y]) => supervisedLoss(g, { logits: x!, target: y! }, lossSchema.parse(config) as ResolvedLoss))[0]!;

test('binary focal: three labels of two texts', () => {
  const [logits, target] = [[[0.3992, 0.2232, 0.6435], [0.38, 0.3044, 0.3241]], [[0, 1, 1], [1, 0, 1]]]; // biome-ignore format: matrices
  expect(loss({ kind: 'binary-focal' }, logits, target)).toBeCloseTo(0.09083531, 7);
  expect(loss({ kind: 'binary-focal', reduction: 'sum' }, logits, target)).toBeCloseTo(0.54501187, 7);
});

test.each([
  ['cross-entropy', crossEntropy],
  ['binary-cross-entropy', binaryCrossEntropy],
  ['mse', meanSquaredError],
] as const)('%s: a mask weighs rows as if those of a weight of two were there twice', (kind, masked) => {
  const [logits, target] = [[[0.4, -0.2], [1.5, 0.3], [-0.7, 2]], [[0, 1], [1, 0], [1, 0]]]; // biome-ignore format: matrices
  const rows = [0, 0, 2]; // the weights 2, 0 and 1
  const weighed = outcome([logits, target, [[2, 0, 1]]], (g, [x, y, weights]) =>
    masked(g, { logits: x!, target: y! }, {}, reshape(g, weights!, [3])),
  );
  const [some, wanted] = [rows.map((row) => logits[row]!), rows.map((row) => target[row]!)];
  expect(weighed[0]).toBeCloseTo(loss({ kind }, some, wanted), 12);
});

describe('squared error and correlation', () => {
  const column = (values: readonly number[]): Rows => values.map((value) => [value]);
  const [predicted, wanted] = [column([0.1, 0.2, 0.2, 0.8, 0.4]), column([0, 1, 0, 0, 1])];

  test('five values: .338 and a correlation of -.130744', () => {
    expect(loss({ kind: 'mse' }, predicted, wanted)).toBeCloseTo(0.338, 12);
    expect(loss({ kind: 'mse-correlation' }, predicted, wanted)).toBeCloseTo(2.0341, 4);
    expect(loss({ kind: 'mse-correlation' }, predicted, wanted)).toBeCloseTo(0.338 + 1.5 * (1 + 0.130744), 5);
  });

  test('values on a line have none left to tell, whatever their scale', () => {
    for (const scale of [1e-3, 1, 1e3]) {
      const line = column([1, 2, 4].map((x) => 7 + scale * x));
      expect(loss({ kind: 'mse-correlation' }, line, column([1, 2, 4])) - loss({ kind: 'mse' }, line, column([1, 2, 4]))).toBeCloseTo(0, 9);
    }
  });

  test('what does not vary has a correlation of 0', () => {
    for (const [x, y] of [[[2, 2, 2], [1, 2, 3]], [[1, 2, 3], [2, 2, 2]], [[0, 0], [0, 0]]] as const) // biome-ignore format: pairs
      expect(loss({ kind: 'mse-correlation' }, column(x), column(y)) - loss({ kind: 'mse' }, column(x), column(y))).toBe(1.5);
  });

  test('several values at once have the mean of their correlations', () => {
    const x = [[1, 1], [2, 2], [3, 3]]; // biome-ignore format: a matrix
    const y = [[1, 3], [2, 2], [3, 1]]; // biome-ignore format: a matrix
    expect(loss({ kind: 'mse-correlation' }, x, y) - loss({ kind: 'mse' }, x, y)).toBeCloseTo(1.5, 12); // 1 and -1
  });
});

test('dice: right answers lose little, and a batch without a positive has a value', () => {
  const target = [[0, 1, 0], [1, 0, 0]]; // biome-ignore format: a matrix
  const sure = target.map((row) => row.map((y) => (y === 1 ? 30 : -30)));
  expect(loss({ kind: 'dice' }, sure, target)).toBeCloseTo(0, 9);
  expect(loss({ kind: 'dice' }, [[-30, -30]], [[0, 0]])).toBeCloseTo(0, 9);
  expect(loss({ kind: 'dice' }, [[0, 0]], [[0, 0]])).toBeCloseTo(1 - 1 / 2, 12); // Σp = 1
});

describe('unsupervised data augmentation', () => {
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: it is not the logarithm of 2
  const logits = [[2.2871, 0.6413, -0.8615], [-0.3649, -0.6931, 0.9023]]; // biome-ignore format: a matrix

  test('sharpening by .4', () => {
    const close = [0.98356, 0.01607, 0.00038, 0.03968, 0.01747, 0.94285].map((value) => expect.closeTo(value, 4) as number);
    expect(outcome([logits], (g, [x]) => sharpen(g, x!, 0.4))).toEqual(close);
  });

  /** The highest probabilities are .809 and .674, sharpened .984 and .943. */
  test('the mask is held against the probabilities as they are, or as sharpened', () => {
    const consistency = (options: object) =>
      outcome([[[0, 0, 0], [0, 0, 0]], logits], (g, [augmented, original]) => // biome-ignore format: matrices
        udaConsistency(g, { augmented: augmented!, original: original! }, { temperature: 0.4, threshold: 0.8, maskOn: 'raw', meanOver: 'kept', ...options }))[0]!; // biome-ignore format: one call
    const one = consistency({});
    expect(consistency({ meanOver: 'batch' })).toBeCloseTo(one / 2, 12);
    const both = consistency({ maskOn: 'sharpened' });
    expect(both).not.toBeCloseTo(one, 3);
    expect(consistency({ threshold: 0.6 })).toBeCloseTo(both, 12);
    expect(consistency({ threshold: 0.99, maskOn: 'sharpened' })).toBe(0);
  });

  test('no gradient goes into the original, even where both come from one weight', () => {
    const g = new GraphBuilder({ float: 'float64' });
    const x = g.input('x', [2, 3]);
    const options = { temperature: 1, threshold: 0, maskOn: 'raw', meanOver: 'batch' } as const;
    const [gradient] = differentiate(g, udaConsistency(g, { augmented: x, original: x }, options), [x]);
    const feeds = new Map([['x', { dims: [2, 3], data: Float64Array.from(logits.flat()) }]]);
    // d KL(t ‖ p) / d logits = p - t, and p is t here
    for (const dx of evaluate(g.graph([gradient!]), feeds).get(gradient!.name)!.data) expect(dx).toBeCloseTo(0, 12);
  });
});

describe('training signal annealing', () => {
  const at = (schedule: (typeof tsaSchedules)[number], labels: number) =>
    [0, 443, 886, 1329, 1771].map((step) => tsaThreshold(schedule, step / 1772, labels));

  test.each([
    ['exp', 2, [0.50337, 0.51176, 0.54104, 0.64325, 0.99859]],
    ['linear', 2, [0.5, 0.625, 0.75, 0.875, 0.99972]],
    ['log', 2, [0.5, 0.85675, 0.95896, 0.98824, 0.99662]],
    ['exp', 6, [0.17228, 0.18626, 0.23507, 0.40542, 0.99765]],
    ['linear', 6, [0.16667, 0.375, 0.58333, 0.79167, 0.99953]],
    ['log', 6, [0.16667, 0.76125, 0.9316, 0.9804, 0.99437]],
  ] as const)('%s over %d labels', (schedule, labels, expected) =>
    expect(at(schedule, labels)).toEqual(expected.map((value) => expect.closeTo(value, 5) as number)),
  );

  test.each(tsaSchedules)('%s: from near chance to near 1, never down', (schedule) => {
    const way = Array.from({ length: 101 }, (_, i) => tsaThreshold(schedule, i / 100, 3));
    expect(way[0]).toBeGreaterThanOrEqual(1 / 3);
    expect(way[0]).toBeLessThan(0.34);
    expect(way[100]).toBeGreaterThan(0.99);
    expect(way.every((value, i) => i === 0 || value > way[i - 1]!)).toBe(true);
  });
});

describe('contrast', () => {
  const contrast = (features: Rows, target: Rows, temperature = 1) =>
    outcome([features, target], (g, [z, y]) => supervisedContrastive(g, { features: z!, target: y! }, { temperature }))[0]!;

  test('texts without another of their label count for nothing, and a batch of such is 0', () => {
    const [a, b, c] = [[1, 0], [0.6, 0.8], [0, 1]]; // biome-ignore format: vectors
    expect(contrast([a!, b!, c!], [[1, 0, 0], [0, 1, 0], [0, 0, 1]])).toBe(0); // biome-ignore format: a matrix
    // Of a and b, each with the other as its positive: similarities .6, 0 and .8
    const expected = (Math.log(Math.exp(0.6) + 1) - 0.6 + Math.log(Math.exp(0.6) + Math.exp(0.8)) - 0.6) / 2;
    expect(contrast([a!, b!, c!], [[1, 0], [1, 0], [0, 1]])).toBeCloseTo(expected, 12); // biome-ignore format: a matrix
  });

  test('the length of the features does not count, a text equal to another does', () => {
    const target = [[1, 0], [1, 0], [0, 1]]; // biome-ignore format: a matrix
    const rows = [[1, 2], [2, -1], [0.5, 3]]; // biome-ignore format: a matrix
    expect(contrast(rows.map((row, i) => row.map((x) => x * (i + 1))), target, 0.2)).toBeCloseTo(contrast(rows, target, 0.2), 12); // biome-ignore format: one thought
    expect(contrast([[1, 0], [1, 0], [0, 1]], target)).toBeCloseTo(Math.log(1 + Math.exp(-1)), 12); // biome-ignore format: a matrix
  });

  test('two views: the nearer each is to its own, the less is lost', () => {
    const views = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]; // biome-ignore format: a matrix
    const between = (second: Rows) =>
      outcome([views, second], (g, [a, b]) => selfContrastive(g, { first: a!, second: b! }, { temperature: 0.05 }))[0]!;
    expect(between(views)).toBeCloseTo(Math.log(1 + 2 * Math.exp(-20)), 12);
    expect(between([...views.slice(1), views[0]!])).toBeCloseTo(20 + Math.log(1 + 2 * Math.exp(-20)), 9);
    expect(between(views.map(() => [1, 1, 1]))).toBeCloseTo(Math.log(3), 12);
  });
});
