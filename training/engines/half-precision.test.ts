import { describe, expect, test } from 'vitest';
import { architectureSchema, type BertConfig, evaluate, mul } from '../../models/index.js';
import { relativeDifference } from '../../test/golden.js';
import { differentiate } from '../autodiff/differentiate.js';
import { classifierGraphs, classifierStep } from '../objective/classifier-step.js';
import { optimizerSchema } from '../optimizers/optimizer-config.js';
import { initialWeights } from '../trainer/initial-weights.js';
import { classifierBatch } from './classifier-batch.js';
import type { Engine } from './engine.js';
import { halfPrecision } from './half-precision.js';
import { createOnnxEngine } from './onnx.js';

const architecture = architectureSchema.parse({
  kind: 'bert',
  vocabularySize: 20,
  width: 16,
  layers: 1,
  heads: 2,
  intermediate: 32,
  maxPositions: 6,
  initializerRange: 0.2,
});
const definition = { architecture, labels: 2 };
const tokens = {
  batch: 3,
  tokens: 4,
  ids: BigInt64Array.of(2n, 7n, 9n, 3n, 2n, 8n, 9n, 3n, 2n, 10n, 3n, 0n),
  mask: BigInt64Array.of(1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 0n),
  types: new BigInt64Array(12),
};
const batch = classifierBatch(tokens, [[1, 0], [0, 1], [1, 0]]); // biome-ignore format: a matrix

async function open(precision: 'fp32' | 'fp16'): Promise<Engine> {
  const graphs = classifierGraphs(definition);
  const weights = initialWeights(graphs.training.parameters, 1);
  return createOnnxEngine({ graphs, weights, optimizer: optimizerSchema.parse({}), seed: 1, threads: 1, precision });
}

test('every matrix product is between casts, and nothing else is half', () => {
  const { builder, loss } = classifierStep(definition);
  const graph = halfPrecision(builder.graph([loss]));
  const half = graph.nodes.filter(({ op, outputs }) => op !== 'Cast' && outputs[0]!.type === 'float16');
  expect(new Set(half.map(({ op }) => op))).toEqual(new Set(['MatMul']));
  expect(half).toHaveLength(builder.graph([loss]).nodes.filter(({ op }) => op === 'MatMul').length);
});

/** ONNX Runtime's CPU provider computes float16 products in float32, so what half precision does is seen by the reference alone. */
test('has the loss and the gradients of whole precision to two digits, but not to all', () => {
  const { builder, parameters, loss } = classifierStep({
    ...definition,
    architecture: { ...(architecture as BertConfig), dropout: 0, attentionDropout: 0 },
  });
  const scale = 1024;
  const wrt = parameters.map(({ value }) => value);
  const scaled = mul(builder, loss, scale);
  const graph = builder.graph([loss, ...differentiate(builder, scaled, wrt)]);
  const weights = [...initialWeights(parameters, 1)].map(
    ([name, data], i) => [name, { dims: wrt[i]!.shape as number[], data: Float64Array.from(data) }] as const,
  );
  const fed = Object.entries(batch.tensors).map(
    ([name, { dims, data }]) => [name, { dims, data: Float64Array.from(data, Number) }] as const,
  );
  const feeds = new Map([...weights, ...fed]);
  const [whole, half] = [graph, halfPrecision(graph)].map((one) => [...evaluate(one, feeds).values()].map(({ data }) => data));
  expect(half![0]![0]).toBeCloseTo(whole![0]![0]!, 2);
  const [all, rounded] = [whole!, half!].map(([, ...gradients]) => gradients.flatMap((data) => [...data]));
  expect(relativeDifference(rounded!, all!)).toBeLessThan(1e-2);
  expect(relativeDifference(rounded!, all!)).toBeGreaterThan(1e-5);
});

describe('training in half precision', () => {
  test('learns', async () => {
    const engine = await open('fp16');
    const losses: number[] = [];
    for (let step = 0; step < 30; step++) losses.push((await engine.step([batch], { step, learningRate: 5e-3, emaDecay: null })).loss);
    expect(losses.at(-1)!).toBeLessThan(0.1);
    await engine.dispose();
  });

  test('an overflow is passed over and halves the scale, until gradients fit; nothing else changes', async () => {
    const engine = await open('fp16');
    const start = await engine.state();
    await engine.restore({ ...start, lossScale: { scale: 2 ** 130, good: 3 } });
    const first = await engine.step([batch], { step: 0, learningRate: 1e-3, emaDecay: null });
    expect(first).toMatchObject({ applied: false, overflowed: true });
    const after = await engine.state();
    expect(after).toEqual({ ...start, lossScale: { scale: 2 ** 129, good: 0 } });
    let taken = 1;
    while ((await engine.step([batch], { step: 0, learningRate: 1e-3, emaDecay: null })).overflowed) taken += 1;
    expect(taken).toBeGreaterThan(0);
    expect((await engine.state()).updates).toBe(1);
    expect((await engine.state()).lossScale!.scale).toBe(2 ** (130 - taken));
    await engine.dispose();
  });

  test('a restored engine goes on with its scale, bit by bit', async () => {
    const [one, other] = [await open('fp16'), await open('fp16')];
    for (let step = 0; step < 2; step++) await one.step([batch], { step, learningRate: 1e-3, emaDecay: 0.9 });
    await other.restore(await one.state());
    const options = { step: 2, learningRate: 1e-3, emaDecay: 0.9 };
    expect(await other.step([batch], options)).toEqual(await one.step([batch], options));
    expect(await other.state()).toEqual(await one.state());
    await Promise.all([one.dispose(), other.dispose()]);
  });
});
