import { expect, test, vi } from 'vitest';
import { architectureSchema, type Tensors, tensorOf } from '../../../models/index.js';
import { relativeDifference } from '../../../test/golden.js';
import { classifierGraphs } from '../../objective/classifier-step.js';
import { optimizerSchema } from '../../optimizers/optimizer-config.js';
import { initialWeights } from '../../trainer/initial-weights.js';
import { describeEngine } from '../conformance.js';
import type { Engine, EngineState } from '../engine.js';
import { createOnnxEngine } from '../onnx.js';
import { probeXla } from './probe-xla.js';
import { createTensorflowEngine } from './tensorflow.js';
import { absence, native, nativeTest } from './testing/native.js';

vi.setConfig({ testTimeout: 300_000 }); // compiling takes as long as the machine is busy

const xla = native !== undefined && (await probeXla(native)).works;
const everyTitle = (reason: string): Readonly<Record<string, string>> => new Proxy({}, { get: () => reason });
const skipped = native ? {} : everyTitle(absence);

describeEngine('tensorflow without XLA', (options) => createTensorflowEngine({ ...options, tf: native!, compiled: false }), skipped);
describeEngine(
  'tensorflow compiled by XLA',
  (options) => createTensorflowEngine({ ...options, tf: native!, compiled: true }),
  native && !xla ? everyTitle('XLA does not work here') : skipped,
);

const optimizer = optimizerSchema.parse({});
const sizes = { vocabularySize: 20, width: 8, layers: 2, heads: 2, intermediate: 16, initializerRange: 0.3 };
const bigru = { kind: 'bigru', vocabularySize: 20, width: 8, hidden: 6, dropout: 0.2, residual: true };

/** Three texts, of which two are padded, with names of two tokens and of one. */
const tensors: Tensors = {
  input_ids: tensorOf('int64', [3, 5], [2, 7, 7, 5, 3, 2, 4, 3, 0, 0, 2, 9, 11, 3, 0]),
  attention_mask: tensorOf('int64', [3, 5], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0]),
  token_type_ids: tensorOf('int64', [3, 5], [0, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0]),
  entity_ids: tensorOf('int64', [3, 2], [4, 5, 7, 0, 6, 0]),
  entity_mask: tensorOf('int64', [3, 2], [1, 1, 1, 0, 1, 0]),
  targets: tensorOf('float32', [3, 2], [1, 0, 0, 1, 1, 0]),
};
const batch = { texts: 3, tensors };

const setUp = (architecture: object) => {
  const graphs = classifierGraphs({ architecture: architectureSchema.parse(architecture), labels: 2 });
  return { graphs, weights: initialWeights(graphs.training.parameters, 5), optimizer, seed: 3 };
};

const stepOf = async (engine: Engine, step: number) => {
  const { loss } = await engine.step([batch], { step, learningRate: 1e-3, emaDecay: 0.5 });
  return { loss, ...(await engine.state()) };
};
/** First moments are the clipped gradients times .1. All at once: some gradients are zero but for rounding. */
const gradients = ({ first }: EngineState): number[] => [...first.keys()].sort().flatMap((name) => [...first.get(name)!]);

const architectures: readonly [string, object][] = [
  ['BERT', { kind: 'bert', ...sizes, pooling: 'attention' }],
  ['BERT with rotary positions', { kind: 'bert', ...sizes, positions: 'rotary' }],
  ['BERT with relative positions', { kind: 'bert', ...sizes, positions: 'relative' }],
  ['XLNet', { kind: 'xlnet', ...sizes, pooling: 'last' }],
  ['DistilBERT', { kind: 'distilbert', ...sizes }],
  ['RoBERTa', { kind: 'roberta', ...sizes, padId: 0, maxPositions: 6 }],
  ['BiGRU', bigru],
  ['ENDEF over BiGRU', { kind: 'endef', content: bigru, entity: { kernels: [1, 2, 5], channels: 4, mlp: [8] }, fusion: 'learned' }],
];
for (const [name, architecture] of architectures)
  for (const compiled of xla ? [false, true] : [false])
    nativeTest(
      `${name}, ${compiled ? 'compiled' : 'not compiled'}: the gradients, and the answers, are those of ONNX Runtime`,
      async (tf) => {
        const options = setUp(architecture);
        const [onnx, tensorflow] = [await createOnnxEngine(options), await createTensorflowEngine({ ...options, tf, compiled })];
        const [ours, theirs] = [await stepOf(onnx, 4), await stepOf(tensorflow, 4)];
        expect(theirs.loss).toBeCloseTo(ours.loss, 5);
        expect(Math.max(...gradients(ours))).toBeGreaterThan(1e-3);
        expect(relativeDifference(gradients(theirs), gradients(ours))).toBeLessThan(1e-4);
        for (const which of ['weights', 'average'] as const)
          expect(relativeDifference(await tensorflow.evaluate(tensors, which), await onnx.evaluate(tensors, which))).toBeLessThan(2e-3);
        await Promise.all([onnx.dispose(), tensorflow.dispose()]);
      },
    );

nativeTest('what ONNX Runtime trained comes through TensorFlow and back to the last bit', async (tf) => {
  const options = setUp({ kind: 'bert', ...sizes });
  const [onnx, tensorflow, again] = [
    await createOnnxEngine(options),
    await createTensorflowEngine({ ...options, tf, compiled: false }),
    await createOnnxEngine(options),
  ];
  for (let step = 0; step < 3; step++) await stepOf(onnx, step);
  const trained = await onnx.state();
  await tensorflow.restore(trained);
  expect(await tensorflow.state()).toEqual(trained);
  await again.restore(await tensorflow.state());
  expect(await stepOf(again, 3)).toEqual(await stepOf(onnx, 3));
  await Promise.all([onnx.dispose(), tensorflow.dispose(), again.dispose()]);
});

nativeTest('what is restored is a copy: arrays that change later change nothing, and steps change no array', async (tf) => {
  const options = setUp({ kind: 'bert', ...sizes });
  const engine = await createTensorflowEngine({ ...options, tf, compiled: xla });
  const state = await engine.state();
  const kept = structuredClone(state);
  await engine.restore(state);
  await stepOf(engine, 0);
  expect(state).toEqual(kept);
  await engine.restore(state);
  for (const data of state.weights.values()) data.fill(7);
  expect((await engine.state()).weights).toEqual(kept.weights);
  await engine.dispose();
});

test('half precision is refused, with what to set', async () => {
  const asked = createTensorflowEngine({ ...setUp({ kind: 'bert', ...sizes }), precision: 'fp16' });
  await expect(asked).rejects.toMatchObject({
    code: 'training/engine',
    message: expect.stringMatching(/Fix: set training\.precision to fp32/),
  });
});

if (xla)
  nativeTest('texts padded to one of few lengths give the step that they give as they are', async (tf) => {
    const options = { ...setUp({ kind: 'bert', ...sizes, maxPositions: 16 }), tf };
    const batches = { rows: 3, longest: 16, padId: 0 };
    const [exact, even] = [
      await createTensorflowEngine({ ...options, compiled: false }),
      await createTensorflowEngine({ ...options, compiled: true, batches }),
    ];
    const [ours, theirs] = [await stepOf(exact, 4), await stepOf(even, 4)];
    expect(theirs.loss).toBeCloseTo(ours.loss, 5);
    expect(relativeDifference(gradients(theirs), gradients(ours))).toBeLessThan(1e-4);
    await Promise.all([exact.dispose(), even.dispose()]);
  });
