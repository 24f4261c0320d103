import { expect, test } from 'vitest';
import { architectureSchema } from '../../models/index.js';
import { relativeDifference } from '../../test/golden.js';
import { javascriptTfjs } from '../../test/javascript-tfjs.js';
import { classifierGraphs } from '../objective/classifier-step.js';
import { optimizerSchema } from '../optimizers/optimizer-config.js';
import { initialWeights } from '../trainer/initial-weights.js';
import { classifierBatch } from './classifier-batch.js';
import { describeEngine } from './conformance.js';
import type { TrainingBatch } from './engine.js';
import { loadTfjs } from './load-tfjs.js';
import { createOnnxEngine } from './onnx.js';
import { createTfjsEngine } from './tfjs.js';

const tf = await javascriptTfjs();

describeEngine('tfjs in JavaScript', (options) => createTfjsEngine({ ...options, tf }));

const native = await loadTfjs().catch(() => undefined);
describeEngine(
  'tfjs with its native library',
  (options) => createTfjsEngine({ ...options, tf: native! }),
  native ? {} : everyTitle('@tensorflow/tfjs-node-gpu is not installed'),
);

const optimizer = optimizerSchema.parse({ weightDecay: 0.01, clip: 1 });

test.each(['cls', 'mean', 'last-four', 'attention'] as const)(
  'BERT with %s pooling and dropout: both engines find the same gradients',
  async (pooling) => {
    const architecture = architectureSchema.parse({
      kind: 'bert',
      vocabularySize: 40,
      width: 16,
      layers: 4,
      heads: 2,
      intermediate: 32,
      maxPositions: 16,
      pooling,
    });
    const graphs = classifierGraphs({ architecture, labels: 3 });
    const weights = initialWeights(graphs.training.parameters, 5);
    const engines = [
      await createOnnxEngine({ graphs, weights, optimizer, seed: 3 }),
      await createTfjsEngine({ graphs, weights, optimizer, seed: 3, tf }),
    ];
    const batch = sampleBatch();
    const [ours, theirs] = await Promise.all(
      engines.map(async (engine) => ({
        ...(await engine.step([batch], { step: 4, learningRate: 1e-3, emaDecay: 0.5 })),
        ...(await engine.state()),
      })),
    );
    expect(theirs!.loss).toBeCloseTo(ours!.loss, 5);
    expect(theirs!.gradientNorm / ours!.gradientNorm).toBeCloseTo(1, 4);
    expect([...theirs!.first.keys()].sort()).toEqual([...ours!.first.keys()].sort());
    // First moments are the clipped gradients times .1. All at once: some gradients are zero but for rounding.
    const all = (of: ReadonlyMap<string, Float32Array>): number[] => [...ours!.first.keys()].flatMap((name) => [...of.get(name)!]);
    expect(relativeDifference(all(theirs!.first), all(ours!.first))).toBeLessThan(1e-4);
    for (const which of ['weights', 'average'] as const) {
      const [a, b] = await Promise.all(engines.map((engine) => engine.evaluate(sampleBatch().tensors, which)));
      expect(relativeDifference(b!, a!)).toBeLessThan(1e-3);
    }
    await Promise.all(engines.map((engine) => engine.dispose()));
  },
);

test('no tensor is left behind by steps, and none at all after dispose', async () => {
  const before = tf.memory().numTensors;
  const graphs = classifierGraphs({
    architecture: architectureSchema.parse({
      kind: 'bert',
      vocabularySize: 40,
      width: 8,
      layers: 1,
      heads: 2,
      intermediate: 16,
      maxPositions: 16,
    }),
    labels: 3,
  });
  const engine = await createTfjsEngine({
    graphs,
    weights: initialWeights(graphs.training.parameters, 5),
    optimizer,
    seed: 3,
    tf,
  });
  const batch = sampleBatch();
  const counts: number[] = [];
  for (let step = 0; step < 3; step++) {
    await engine.step([batch, batch], { step, learningRate: 1e-3, emaDecay: null });
    await engine.evaluate(batch.tensors, 'average');
    counts.push(tf.memory().numTensors);
  }
  expect(new Set(counts).size).toBe(1);
  await engine.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('where no native TensorFlow.js is installed, the error names both packages and how to get them', async () => {
  const load = async (name: string): Promise<unknown> => {
    throw new Error(`Cannot find package '${name}'`);
  };
  await expect(loadTfjs(load)).rejects.toMatchObject({
    code: 'training/engine',
    message: expect.stringMatching(/tfjs-node-gpu.*tfjs-node'.*npm i @tensorflow\/tfjs-node-gpu@/),
  });
});

test('the second package is used where the first does not load', async () => {
  const load = async (name: string): Promise<unknown> => {
    if (name.endsWith('gpu')) throw new Error('no CUDA');
    return tf;
  };
  expect(await loadTfjs(load)).toBe(tf);
});

function sampleBatch(): TrainingBatch {
  const [batch, tokens] = [3, 6];
  const lengths = [6, 4, 2];
  const ids = {
    batch,
    tokens,
    ids: BigInt64Array.from({ length: batch * tokens }, (_, i) =>
      i % tokens < lengths[Math.floor(i / tokens)]! ? BigInt(1 + ((i * 7) % 39)) : 0n,
    ),
    mask: BigInt64Array.from({ length: batch * tokens }, (_, i) => (i % tokens < lengths[Math.floor(i / tokens)]! ? 1n : 0n)),
    types: BigInt64Array.from({ length: batch * tokens }, (_, i) => BigInt(i % 2)),
  };
  return classifierBatch(ids, [[1, 0, 0], [0, 0, 1], [0, 1, 0]]); // biome-ignore format: a matrix
}

function everyTitle(reason: string): Readonly<Record<string, string>> {
  return new Proxy({}, { get: () => reason });
}
