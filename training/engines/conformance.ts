/** @file What every engine must do, as one suite of tests. `describeEngine(name, create)` runs it. */
import { expect, test } from 'vitest';
import { fromStored, matchWeights, type Parameter, storedShapes, type Weights } from '../../models/index.js';
import { goldenArchitecture, goldenCase, goldenTensors, oneHot, relativeDifference } from '../../test/golden.js';
import { type ClassifierDefinition, classifierGraphs } from '../objective/classifier-step.js';
import { optimizerSchema } from '../optimizers/optimizer-config.js';
import { rateAt } from '../optimizers/schedule.js';
import type { Engine, EngineOptions, NamedArrays, TrainingBatch } from './engine.js';

type Trajectory = {
  readonly config: Readonly<Record<string, number>>;
  readonly lr: number;
  readonly steps: number;
  readonly warmup_steps: number;
  readonly ema_decay: number;
  readonly ema_start_step: number;
  readonly losses: readonly number[];
  readonly learning_rates: readonly number[];
  readonly gradient_norms_before_clip: readonly number[];
};
export type CreateEngine = (options: Omit<EngineOptions, 'threads'>) => Promise<Engine>;

const optimizer = optimizerSchema.parse({ beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, clip: 1 });

/** @param skipped titles of tests that the engine cannot pass, with the reason */
export function describeEngine(name: string, create: CreateEngine, skipped: Readonly<Record<string, string>> = {}): void {
  const check = (title: string, run: () => Promise<void>) =>
    skipped[title] ? test.skip(`${name}: ${title} (${skipped[title]})`, run) : test(`${name}: ${title}`, run);

  check('20 steps of AdamW, clipping, warm-up and a late average give the losses, norms and weights of PyTorch', async () => {
    const golden = goldenCase<Trajectory>('trajectory');
    const { engine, parameters, tensors } = await start(create, golden);
    for (let step = 0; step < golden.steps; step++) {
      const learningRate = golden.lr * rateAt({ kind: 'linear', warmup: golden.warmup_steps, per: 'step' }, step, golden.steps);
      expect(learningRate).toBeCloseTo(golden.learning_rates[step]!, 12);
      const emaDecay = step + 1 > golden.ema_start_step ? golden.ema_decay : null;
      const { loss, gradientNorm } = await engine.step([goldenBatch(tensors, step)], { step, learningRate, emaDecay });
      expect(Math.abs(loss - golden.losses[step]!)).toBeLessThan(1e-4);
      expect(Math.abs(gradientNorm / golden.gradient_norms_before_clip[step]! - 1)).toBeLessThan(1e-3);
    }
    const { weights, average } = await engine.state();
    expect(await engine.average()).toEqual(average);
    for (const [own, prefix] of [
      [weights, 'final.'],
      [average, 'ema.'],
    ] as const) {
      const expected = stored(parameters, tensors, prefix);
      expect(farthest(own, expected, (name) => !isKeyBias(name))).toBeLessThan(1e-3);
      expect(farthest(own, expected, isKeyBias)).toBeLessThan(1e-2);
    }
    await engine.dispose();
  });

  check('two accumulated batches give the step of one batch of both', async () => {
    const golden = goldenCase<Trajectory>('trajectory');
    const [whole, parts] = [await start(create, golden), await start(create, golden)];
    const batch = goldenBatch(whole.tensors, 0);
    const options = { step: 0, learningRate: 1e-3, emaDecay: null };
    const one = await whole.engine.step([batch], options);
    const two = await parts.engine.step([rows(batch, 0, 2), rows(batch, 2, 6)], options);
    expect(two.loss).toBeCloseTo(one.loss, 5);
    expect(two.gradientNorm).toBeCloseTo(one.gradientNorm, 4);
    // First moments are the gradients times .1. All at once: some gradients are zero but for rounding.
    const [a, b] = [await whole.engine.state(), await parts.engine.state()].map(({ first }) =>
      [...first.values()].flatMap((data) => [...data]),
    );
    expect(relativeDifference(b!, a!)).toBeLessThan(1e-5);
    await Promise.all([whole.engine.dispose(), parts.engine.dispose()]);
  });

  check('a restored engine goes on bit by bit as the first would have, dropout included', async () => {
    const golden = goldenCase<Trajectory>('trajectory');
    const [first, second] = [await start(create, golden, 0.2), await start(create, golden, 0.2)];
    const run = ({ engine, tensors }: Awaited<ReturnType<typeof start>>, step: number) =>
      engine.step([goldenBatch(tensors, step)], { step, learningRate: 1e-3, emaDecay: 0.9 });
    for (let step = 0; step < 3; step++) await run(first, step);
    await second.engine.restore(await first.engine.state());
    for (let step = 3; step < 6; step++) expect(await run(second, step)).toEqual(await run(first, step));
    expect(await second.engine.state()).toEqual(await first.engine.state());
    await Promise.all([first.engine.dispose(), second.engine.dispose()]);
  });

  check('a step whose loss is not a number changes nothing', async () => {
    const golden = goldenCase<Trajectory>('trajectory');
    const { engine, tensors } = await start(create, golden);
    const before = await engine.state();
    const broken = new Map([...before.weights].map(([key, data]) => [key, key.includes('classifier') ? data.map(() => Number.NaN) : data]));
    await engine.restore({ ...before, weights: broken });
    const result = await engine.step([goldenBatch(tensors, 0)], { step: 0, learningRate: 1e-3, emaDecay: null });
    expect(result.applied).toBe(false);
    expect((await engine.state()).first).toEqual(before.first);
    await engine.dispose();
  });

  check('parameters that are not trained stay as they are', async () => {
    const golden = goldenCase<Trajectory>('trajectory');
    const { engine, tensors } = await start(create, golden, 0, (key) => key.startsWith('classifier.'));
    const before = await engine.state();
    await engine.step([goldenBatch(tensors, 0)], { step: 0, learningRate: 1e-3, emaDecay: null });
    const after = await engine.state();
    const changed = [...after.weights].filter(([key, data]) => relativeDifference(data, before.weights.get(key)!) > 0).map(([key]) => key);
    expect(changed.sort()).toEqual(['classifier.bias', 'classifier.weight']);
    await engine.dispose();
  });
}

async function start(create: CreateEngine, { config }: Trajectory, dropout = 0, trained?: (name: string) => boolean) {
  const architecture = { ...goldenArchitecture(config), dropout, attentionDropout: dropout };
  const definition: ClassifierDefinition = { architecture, labels: 3, ...(trained ? { trained } : {}) };
  const graphs = classifierGraphs(definition);
  const { parameters } = graphs.training;
  const [model, tensors] = [await goldenTensors('trajectory/model.safetensors'), await goldenTensors('trajectory/case.safetensors')];
  const engine = await create({ graphs, weights: stored(parameters, model, ''), optimizer, seed: 7 });
  return { engine, parameters, tensors };
}

/** The golden tensors under `prefix`, in the layout of the graph; their head is our classifier. */
function stored(parameters: readonly Parameter[], tensors: Weights, prefix: string): NamedArrays {
  const named = new Map(
    [...tensors]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, tensor]) => [key.slice(prefix.length).replace(/^head\./, 'classifier.'), tensor]),
  );
  const { weights, missing, mismatched } = matchWeights(storedShapes(parameters), named);
  expect([missing, mismatched]).toEqual([[], []]);
  return new Map([...fromStored(parameters, weights)].map(([key, { data }]) => [key, data as Float32Array]));
}

function goldenBatch(tensors: Weights, step: number): TrainingBatch {
  const ids = tensors.get(`input_ids.${step}`)!;
  const [batch] = ids.dims as [number, number];
  return {
    texts: batch,
    tensors: {
      input_ids: ids,
      attention_mask: tensors.get(`attention_mask.${step}`)!,
      token_type_ids: { ...ids, data: new BigInt64Array(ids.data.length) },
      targets: oneHot(tensors.get(`labels.${step}`)!, 3),
    },
  };
}

const rows = ({ tensors }: TrainingBatch, from: number, to: number): TrainingBatch => ({
  texts: to - from,
  tensors: Object.fromEntries(
    Object.entries(tensors).map(([name, { type, dims, data }]) => {
      const width = data.length / dims[0]!;
      return [name, { type, dims: [to - from, ...dims.slice(1)], data: data.slice(from * width, to * width) }];
    }),
  ),
});

const farthest = (actual: NamedArrays, expected: NamedArrays, chosen: (name: string) => boolean): number =>
  Math.max(...[...expected].filter(([name]) => chosen(name)).map(([name, data]) => relativeDifference(actual.get(name)!, data)));

/** It adds the same to all scores of a query, which softmax takes away: its gradient is rounding alone, and AdamW makes full steps of that. */
const isKeyBias = (name: string): boolean => name.endsWith('.self.key.bias');
