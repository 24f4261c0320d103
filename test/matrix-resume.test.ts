/** @file Runs with everything in them, stopped and gone on with: the same bits as the unbroken run. What a plain run does is in training/trainer. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { carryOut, resultOf } from '../training/trainer/testing/small-run.js';
import { finishedRun, matrixConfig, type Overrides, writeMatrixData } from './matrix-run.js';

let home: string;
let teacher: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-matrix-resume-'));
  await writeMatrixData(home);
  teacher = (await finishedRun(home, 'teacher', { 'training.epochs': 2 })).folder;
});
afterAll(() => rm(home, { recursive: true }));

const bigru = { kind: 'bigru', vocabularySize: 200, width: 16, hidden: 8, layers: 1 };

/** Each with the steps at which it is stopped: within a pass and at its end, between two evaluations, between two checkpoints. */
const cases: Readonly<Record<string, { readonly config: () => Overrides; readonly stops: readonly number[] }>> = {
  'names, other words in each pass, unlabelled texts, a teacher and two passes a step': {
    config: () => ({
      model: { kind: 'endef', content: bigru, entity: { kernels: [1, 2], channels: 4, mlp: [8] }, fusion: 'learned' },
      'data.unlabelled': 'texts.unlabelled.jsonl',
      augmentation: { eda: {}, entities: {} },
      objective: { rDrop: {}, uda: { threshold: 0, annealing: 'linear' }, distillation: { teacher, features: 0.5 } },
      'training.epochs': 2,
      'training.accumulate': 2,
      'training.evaluateEvery': 7,
      'training.checkpointEvery': 5,
    }), // 11 steps an epoch
    stops: [7, 16],
  },
  'pairs in both orders, rare labels repeated, words moved, a rate for each layer that changes by epoch': {
    config: () => ({
      'data.train': 'pairs.train.jsonl',
      'data.val': 'pairs.val.jsonl',
      'data.pairs': 'both-orders',
      'data.sampling': 'oversample',
      'augmentation.swapPair': {},
      objective: { adversarial: {}, supervisedContrastive: {}, selfContrastive: {} },
      'training.epochs': 2,
      'training.optimizer': { kind: 'adam', layerDecay: 0.7, groups: [{ match: '^classifier', learningRate: 0.01 }] },
      'training.schedule': { kind: 'step', per: 'epoch', every: 1, factor: 0.3 },
      'training.checkpointEvery': 4,
    }),
    stops: [3, 12, 19],
  },
  'several labels in half precision, some weights alone': {
    config: () => ({
      'data.task': 'multi-label',
      'objective.loss': { kind: 'binary-focal' },
      'training.epochs': 3,
      'training.precision': 'fp16',
      'training.trainOnly': ['^classifier', 'layer'],
      'training.schedule': { kind: 'cosine' },
    }),
    stops: [4, 6],
  },
};

test.each(Object.entries(cases))('%s', async (name, { config, stops }) => {
  const [whole, broken] = [join(home, `${name} whole`), join(home, `${name} broken`)];
  const read = () => matrixConfig(home, config());
  const unbroken = await carryOut(whole, read());
  for (const [i, stopAt] of stops.entries()) {
    const { events } = await carryOut(broken, read(), { stopAt, ...(i > 0 ? { resume: true } : {}) });
    expect(events.at(-1)).toMatchObject({ kind: 'end', reason: 'interrupted', step: stopAt });
  }
  const last = await carryOut(broken, read(), { resume: true });
  expect(last.events.at(-1)!.kind).toBe('finished');
  expect(await resultOf(broken)).toEqual(await resultOf(whole));
  expect(last.state).toBe(unbroken.state);
  // And chance is at work in it: another seed is another run.
  const other = join(home, `${name} other`);
  await carryOut(other, matrixConfig(home, { ...config(), 'training.seed': 2 }));
  expect((await resultOf(other)).weights).not.toBe((await resultOf(whole)).weights);
});

test('another teacher in the place of the one that taught is another run', async () => {
  const [replaced, folder] = [join(home, 'replaced'), join(home, 'of two teachers')];
  const read = () => matrixConfig(home, { 'objective.distillation': { teacher: replaced } });
  await cp(teacher, replaced, { recursive: true });
  await carryOut(folder, read(), { stopAt: 2 });
  await rm(replaced, { recursive: true });
  await cp((await finishedRun(home, 'second teacher', { 'training.seed': 3 })).folder, replaced, { recursive: true });
  await expect(carryOut(folder, read(), { resume: true })).rejects.toThrow(
    /checkpoint step-00000002 was made with other data\. Fix: give the data as it was, and the teacher that taught/,
  );
});
