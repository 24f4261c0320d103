import { describe, expect, test } from 'vitest';
import { architectureSchema, type Tensors, type TokenBatch, tokenTensors } from '../../models/index.js';
import { relativeDifference } from '../../test/golden.js';
import { javascriptTfjs } from '../../test/javascript-tfjs.js';
import { classifierBatch } from '../engines/classifier-batch.js';
import type { Engine, TrainingBatch } from '../engines/engine.js';
import { createOnnxEngine } from '../engines/onnx.js';
import { createTfjsEngine } from '../engines/tfjs.js';
import { optimizerSchema } from '../optimizers/optimizer-config.js';
import { initialWeights } from '../trainer/initial-weights.js';
import { classifierGraphs } from './classifier-step.js';
import { type RegulariserKey, type RegularisersConfig, regularisersSchema } from './regularisers.js';

const architecture = architectureSchema.parse({
  kind: 'bert',
  vocabularySize: 20,
  width: 8,
  layers: 2,
  heads: 2,
  intermediate: 16,
  maxPositions: 6,
  initializerRange: 0.3,
});
const uda = { threshold: 0, annealing: 'linear', temperature: 0.4 };
/** How each is turned on: one without a line here does not compile. */
const configs: { readonly [K in RegulariserKey]-?: readonly RegularisersConfig[] } = {
  rDrop: [parse({ rDrop: {} })],
  adversarial: [parse({ adversarial: { epsilon: 0.5 } }), parse({ adversarial: { norm: 'table' } })],
  supervisedContrastive: [parse({ supervisedContrastive: { weight: 0.5 } })],
  selfContrastive: [parse({ selfContrastive: {} })],
  uda: [parse({ uda }), parse({ uda: { ...uda, annealing: 'none', maskOn: 'sharpened', meanOver: 'kept' } })],
  distillation: [parse({ distillation: { teacher: 'x', features: 0.3 } }), parse({ distillation: { teacher: 'x', weight: 1 } })],
};
const everything = parse(Object.assign({}, ...Object.values(configs).map(([first]) => first)));
const cases = [...Object.values(configs).flat(), everything].map((config) => [nameOf(config), config] as const);

describe.each(cases)('%s', (_, config) => {
  const definition = { architecture, labels: 3, regularisers: config, teacherWidth: 5 };

  test('takes ten steps, says its parts, and learns', async () => {
    const engine = await open(createOnnxEngine);
    const losses: number[] = [];
    for (let step = 0; step < 10; step++) {
      const { loss, parts, applied } = await engine.step([batch], { step, learningRate: 1e-2, emaDecay: null });
      expect(applied).toBe(true);
      expect(Object.values(parts).every(Number.isFinite)).toBe(true);
      const single = config.distillation?.weight === 1; // nothing but the teacher counts
      expect(Object.keys(parts)).toEqual(single ? [] : expect.arrayContaining(['supervised', ...Object.keys(config)]));
      losses.push(loss);
    }
    expect(losses.at(-1)!).toBeLessThan(losses[0]!);
    await engine.dispose();
  });

  test('TensorFlow.js finds the same loss, parts and gradients', async () => {
    const tf = await javascriptTfjs();
    const engines = [await open(createOnnxEngine), await open((options) => createTfjsEngine({ ...options, tf }))];
    const [ours, theirs] = await Promise.all(
      engines.map(async (engine) => ({
        ...(await engine.step([batch], { step: 4, learningRate: 1e-3, emaDecay: null })),
        ...(await engine.state()),
      })),
    );
    expect(theirs!.loss).toBeCloseTo(ours!.loss, 4);
    for (const [name, value] of Object.entries(ours!.parts)) expect(theirs!.parts[name], name).toBeCloseTo(value, 4);
    const all = (of: ReadonlyMap<string, Float32Array>): number[] => [...ours!.first.keys()].flatMap((name) => [...of.get(name)!]);
    expect(relativeDifference(all(theirs!.first), all(ours!.first))).toBeLessThan(1e-3);
    await Promise.all(engines.map((engine) => engine.dispose()));
  });

  async function open(create: typeof createOnnxEngine): Promise<Engine> {
    const graphs = classifierGraphs(definition);
    const weights = initialWeights(graphs.training.parameters, 1);
    return create({ graphs, weights, optimizer: optimizerSchema.parse({}), seed: 1, threads: 1 });
  }
});

function parse(config: object): RegularisersConfig {
  return regularisersSchema.parse(config);
}

function nameOf(config: RegularisersConfig): string {
  return Object.keys(config).length > 2 ? 'all of them together' : JSON.stringify(config);
}

function tokens(batch: number, length: number, first: number): TokenBatch {
  const ids = BigInt64Array.from({ length: batch * length }, (_, i) => BigInt(1 + ((first + i * 7) % 19)));
  const mask = BigInt64Array.from({ length: batch * length }, (_, i) => (i % length === length - 1 && i > length ? 0n : 1n));
  return { batch, tokens: length, ids, mask, types: new BigInt64Array(batch * length) };
}

function renamed(tensors: Tensors, of: string): Tensors {
  const names = { input_ids: 'ids', attention_mask: 'mask', token_type_ids: 'types' };
  return Object.fromEntries(Object.entries(names).map(([name, part]) => [`${of}_${part}`, tensors[name]!]));
}

const float = (dims: readonly number[], value: (i: number) => number) => ({
  type: 'float32' as const,
  dims,
  data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => value(i)),
});
const labelled = classifierBatch(tokens(4, 5, 0), [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]]); // biome-ignore format: a matrix
const batch: TrainingBatch = {
  texts: labelled.texts,
  tensors: {
    ...labelled.tensors,
    ...renamed(tokenTensors(tokens(3, 6, 5)), 'augmented'),
    ...renamed(tokenTensors(tokens(3, 4, 11)), 'original'),
    annealing_threshold: float([], () => 0.9),
    teacher_logits: float([4, 3], (i) => ((i * 5) % 7) / 3 - 1),
    teacher_features: float([4, 5], (i) => ((i * 3) % 11) / 5 - 1),
  },
};
