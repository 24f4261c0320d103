import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder.js';
import type { Numbers } from '../graph/evaluate/evaluation.js';
import { evaluate } from '../graph/evaluate.js';
import { sizeOf, tensorOf } from '../graph/tensor.js';
import { toOnnx } from '../onnx/to-onnx.js';
import { createSession } from '../runtime/node.js';
import { Scope } from './scope.js';
import { textCnn } from './text-cnn.js';

const sizes = { width: 3, kernels: [1, 2, 5, 10], channels: 2 };
const wavy = (dims: readonly number[], from: number): Numbers => ({
  dims,
  data: Float64Array.from({ length: sizeOf(dims) }, (_, i) => Math.sin(from + 1.7 * i)),
});

function write() {
  const g = new GraphBuilder({ float: 'float32' });
  const scope = Scope.root(g);
  const y = textCnn(scope, g.input('x', ['batch', 'tokens', 3]), g.input('mask', ['batch', 'tokens'], 'int64'), sizes);
  const weights = new Map(scope.parameters.map(({ value }, i) => [value.name, wavy(value.shape as number[], i)]));
  return { g, scope, y, graph: g.graph([y]), weights };
}

/** Texts of the given lengths side by side, padded to `tokens` with what must not matter. */
function batchOf(lengths: readonly number[], tokens: number, first = 0): ReadonlyMap<string, Numbers> {
  const x = wavy([lengths.length, tokens, 3], 0);
  const mask = { dims: [lengths.length, tokens], data: new Float64Array(lengths.length * tokens) };
  lengths.forEach((length, text) => {
    for (let t = 0; t < tokens; t++) {
      mask.data[text * tokens + t] = Number(t < length);
      for (let k = 0; k < 3; k++) x.data[(text * tokens + t) * 3 + k] = t < length ? Math.cos(7 * (first + text) + 3 * t + k) : 50 + t;
    }
  });
  return new Map([['x', x], ['mask', mask]]); // biome-ignore format: a table
}

test("weights have the names and shapes of PyTorch's convolutions", () => {
  const { scope, y } = write();
  expect(y.shape).toEqual(['batch', 8]);
  expect(scope.parameters.map(({ value: { name, shape } }) => `${name} ${shape}`)).toEqual(
    [1, 2, 5, 10].flatMap((kernel, i) => [`${i}.weight 2,3,${kernel}`, `${i}.bias 2`]),
  );
});

describe('a text has the same features alone and beside longer ones', () => {
  const { graph, weights, y } = write();
  const lengths = [14, 10, 9, 5, 2, 1, 0];
  const together = evaluate(graph, new Map([...weights, ...batchOf(lengths, 14)])).get(y.name)!;
  test.each(lengths.map((length, i) => [length, i] as const))('%i tokens', (length, i) => {
    const alone = evaluate(graph, new Map([...weights, ...batchOf([length], Math.max(1, length), i)])).get(y.name)!;
    expect([...alone.data]).toEqual([...together.data.subarray(i * 8, i * 8 + 8)]);
  });

  test('and so it has in ONNX Runtime, where a batch holds fewer tokens than a window', async () => {
    const session = await createSession(toOnnx(graph), { threads: 1 });
    for (const tokens of [1, 3, 14]) {
      const given = lengths.map((length) => Math.min(length, tokens));
      const feeds = new Map([...weights, ...batchOf(given, tokens)]);
      const tensors = [...feeds].map(([name, { dims, data }]) => [name, tensorOf(name === 'mask' ? 'int64' : 'float32', dims, data)]);
      const actual = (await session.run(Object.fromEntries(tensors)))[y.name]!;
      const expected = evaluate(graph, feeds).get(y.name)!.data;
      (actual.data as Float32Array).forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i]!, 4);
      });
    }
    await session.dispose();
  });
});

test('a text shorter than a window is filled up with zeros to one window, and no other window counts', () => {
  const { graph, weights, y } = write();
  const feeds = batchOf([3], 8);
  const features = evaluate(graph, new Map([...weights, ...feeds])).get(y.name)!.data;
  const [weight, bias, x] = [weights.get('2.weight')!.data, weights.get('2.bias')!.data, feeds.get('x')!.data];
  for (let channel = 0; channel < 2; channel++) {
    let sum = bias[channel]!;
    for (let t = 0; t < 3; t++) for (let k = 0; k < 3; k++) sum += x[t * 3 + k]! * weight[(channel * 3 + k) * 5 + t]!;
    expect(features[4 + channel]).toBeCloseTo(sum, 10);
  }
});
