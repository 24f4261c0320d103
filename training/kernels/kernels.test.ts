import { describe, expect, test } from 'vitest';
import { evaluate, GraphBuilder, type Numbers, UsageError } from '../../models/index.js';
import { relativeDifference } from '../../test/golden.js';
import { createRandom } from '../data/random.js';
import { adamW } from '../optimizers/adam-w.js';
import { optimizerSchema } from '../optimizers/optimizer-config.js';
import { type ParameterRate, parameterRates } from '../optimizers/parameter-rates.js';
import { Arena, padded } from './kernels.js';
import { kernelsBinary } from './kernels-binary.js';

test('the assembled kernels are those of kernels.wat', async () => {
  const script = new URL('../../scripts/build-kernels.mjs', import.meta.url).href;
  const { assemble } = (await import(script)) as { assemble: () => Promise<string> };
  expect(await assemble()).toBe(kernelsBinary);
});

/** Arrays of `count` random numbers in an arena of their own. */
async function arrays(count: number, number: number, seed = 1) {
  const random = createRandom(seed);
  const arena = await Arena.create(number * Arena.bytesFor(count));
  const views = Array.from({ length: number }, () => {
    const view = arena.allocate(count);
    for (let i = 0; i < count; i++) view[i] = 4 * random.next() - 2;
    return view;
  });
  return { kernels: arena.kernels, views };
}

describe('adamW', () => {
  const optimizer = optimizerSchema.parse({ weightDecay: 0.1 });
  const { beta1, beta2, epsilon } = optimizer;

  /** The state after one update, by the nodes of optimizers/adam-w.ts in float64. */
  function byNodes(
    state: readonly Float32Array[],
    gradient: Float32Array,
    dims: readonly number[],
    numbers: readonly number[],
    decays: ParameterRate,
  ): Float64Array[] {
    const g = new GraphBuilder({ float: 'float64' });
    const names = ['learningRate', 'correction1', 'correction2', 'gradientScale', 'averageDecay'] as const;
    const scalars = Object.fromEntries(names.map((name) => [name, g.input(name, [])]));
    const parts = ['weight', 'first', 'second', 'average'] as const;
    const values = Object.fromEntries(parts.map((name) => [name, g.input(name, dims)]));
    const next = adamW(
      g,
      values as Parameters<typeof adamW>[1],
      g.input('gradient', dims),
      scalars as Parameters<typeof adamW>[3],
      optimizer,
      decays,
    );
    const feeds = new Map<string, Numbers>([
      ...parts.map((name, i): [string, Numbers] => [name, { dims, data: Float64Array.from(state[i]!) }]),
      ['gradient', { dims, data: Float64Array.from(gradient) }],
      ...names.map((name, i): [string, Numbers] => [name, { dims: [], data: Float64Array.of(numbers[i]!) }]),
    ]);
    const results = evaluate(g.graph(Object.values(next)), feeds);
    return parts.map((name) => results.get(next[name].name)!.data);
  }

  test.each([
    ['a matrix, which decays', [5, 3], 0.9, 'adamw'],
    ['a matrix whose decay is in its gradient', [5, 3], 0.9, 'adam'],
    ['a bias, which does not', [15], 0.9, 'adamw'],
    ['an average that has not started', [15], 0, 'adamw'],
    ['a length of whole groups of four', [2, 8], 0.999, 'adamw'],
  ] as const)('%s: five updates are those of the nodes', async (_what, dims, averageDecay, kind) => {
    const decays = parameterRates([{ name: 'weight', shape: dims }], { ...optimizer, kind }).get('weight')!;
    const count = dims.reduce<number>((a, b) => a * b, 1);
    const { kernels, views } = await arrays(count, 5);
    const [weight, first, second, average, gradient] = views as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
    second.set(second.map(Math.abs));
    for (let update = 1; update <= 5; update++) {
      const [rate, scale] = [0.01 * update, 1 / update];
      const [correction1, correction2] = [1 - beta1 ** update, 1 - beta2 ** update];
      const expected = byNodes(
        [weight, first, second, average],
        gradient,
        dims,
        [rate, correction1, correction2, scale, averageDecay],
        decays,
      );
      const [w, g, m, v, a] = [weight, gradient, first, second, average].map(({ byteOffset }) => byteOffset) as [
        number,
        number,
        number,
        number,
        number,
      ];
      const keep = 1 - rate * decays.weightDecay;
      kernels.adamW(
        w,
        g,
        m,
        v,
        a,
        padded(count),
        scale,
        decays.gradientDecay,
        beta1,
        beta2,
        keep,
        rate / correction1,
        Math.sqrt(correction2),
        epsilon,
        averageDecay,
      );
      for (const [part, actual] of [weight, first, second, average].entries())
        expect(relativeDifference(actual, expected[part]!)).toBeLessThan(1e-6);
    }
  });

  test('what fills up the last group of four stays zero', async () => {
    const arena = await Arena.create(5 * Arena.bytesFor(5));
    const views = Array.from({ length: 5 }, () => arena.allocate(5).fill(1));
    const [w, g, m, v, a] = views.map(({ byteOffset }) => byteOffset) as [number, number, number, number, number];
    arena.kernels.adamW(w, g, m, v, a, padded(5), 1, 0.5, beta1, beta2, 1, 0.1, 1, epsilon, 0.9);
    for (const { buffer, byteOffset } of views) expect([...new Float32Array(buffer, byteOffset + 20, 3)]).toEqual([0, 0, 0]);
  });
});

test('sumSquares of part of an array does not read on', async () => {
  const { kernels, views } = await arrays(8, 1);
  views[0]!.fill(2);
  expect([1, 5, 7].map((count) => kernels.sumSquares(views[0]!.byteOffset, count))).toEqual([4, 20, 28]);
});

test.each([1, 4, 10])('scale of %i numbers is their product, rounded as float32 rounds', async (count) => {
  const { kernels, views } = await arrays(count, 1);
  const expected = views[0]!.map((x) => x * Math.fround(0.3));
  kernels.scale(views[0]!.byteOffset, padded(count), 0.3);
  expect(views[0]!).toEqual(expected);
});

test.each([1, 3, 4, 6, 8])('addRows: rows of %i are added where their ids say, one after another, and nowhere else', async (width) => {
  const { kernels, views } = await arrays(6 * width, 3);
  const [target, values, memory] = views as [Float32Array, Float32Array, Float32Array];
  const ids = [2, 0, 2, 5, 2];
  new Int32Array(memory.buffer, memory.byteOffset, ids.length).set(ids);
  const expected = target.slice();
  ids.forEach((row, i) => {
    for (let k = 0; k < width; k++)
      expected[row * width + k] = expected[row * width + k]! + Math.fround(values[i * width + k]! * Math.fround(0.7));
  });
  kernels.addRows(target.byteOffset, values.byteOffset, memory.byteOffset, ids.length, width, 0.7);
  expect(target).toEqual(expected);
});

test.each([1, 4, 7, 4099])('sumSquares of %i numbers is that of double precision', async (count) => {
  const { kernels, views } = await arrays(count, 1);
  const expected = views[0]!.reduce((sum, x) => sum + x * x, 0);
  expect(kernels.sumSquares(views[0]!.byteOffset, padded(count)) / expected).toBeCloseTo(1, 12);
});

test('sumSquares does not overflow where float32 would', async () => {
  const { kernels, views } = await arrays(4, 1);
  views[0]!.fill(1e30);
  expect(kernels.sumSquares(views[0]!.byteOffset, 4) / 4e60).toBeCloseTo(1, 6);
});

test.each([1, 4, 10])('addScaled of %i numbers is the sum, rounded twice as float32 rounds', async (count) => {
  const { kernels, views } = await arrays(count, 2);
  const [target, values] = views as [Float32Array, Float32Array];
  const expected = target.map((x, i) => Math.fround(x + Math.fround(values[i]! * Math.fround(0.3))));
  kernels.addScaled(target.byteOffset, values.byteOffset, padded(count), 0.3);
  expect(target).toEqual(expected);
});

describe('an arena', () => {
  test('hands out zeros on whole groups of four, one beside the other', async () => {
    const arena = await Arena.create(Arena.bytesFor(5) + Arena.bytesFor(3));
    const [a, b] = [arena.allocate(5), arena.allocate(3)];
    expect([...a, ...b].every((x) => x === 0)).toBe(true);
    expect([a.byteOffset % 16, b.byteOffset]).toEqual([0, 32]);
    expect(a.buffer).toBe(b.buffer);
  });

  test('grows when it is reset to more', async () => {
    const arena = await Arena.create(0);
    arena.reset(Arena.bytesFor(100_000));
    expect(arena.allocate(100_000)).toHaveLength(100_000);
  });

  test('more than WebAssembly can address is refused before anything is allocated', async () => {
    const refused = Arena.create(5 * 2 ** 30);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(/5\.0 GiB is more than the 4 GiB that one arena holds\. Fix: train a smaller model/);
  });
});
