/** @file Every loss, regulariser, wording, sampling, schedule and rule of rates through whole runs: to a report, and to a bundle that answers alike. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ArchitectureConfig, runFiles } from '../models/index.js';
import type { AugmentationConfig } from '../training/augmentation/augmentation-config.js';
import type { Task } from '../training/data/example.js';
import { type LossKind, lossTasks } from '../training/losses/loss.js';
import type { RegulariserKey } from '../training/objective/regularisers.js';
import { rateAt, type ScheduleConfig } from '../training/optimizers/schedule.js';
import { relativeDifference } from './golden.js';
import { exportedRun, type FinishedRun, finishedRun, type Overrides, recorded, sameWhenServed, writeMatrixData } from './matrix-run.js';

let home: string;
let plain: FinishedRun;
/** One that calls sport weather and weather sport: as a run, and the bundle of it. */
/** Enough to learn these few by heart. */
const thorough = { 'training.epochs': 12, 'training.learningRate': 0.02 };
let teacher: { readonly run: string; readonly bundle: string };
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-objectives-'));
  await writeMatrixData(home);
  plain = await finishedRun(home, 'plain');
  const run = await finishedRun(home, 'teacher', { 'data.rename': { sport: 'weather', weather: 'sport' }, 'model.width': 24, ...thorough });
  teacher = { run: run.folder, bundle: (await exportedRun(run)).folder };
});
afterAll(() => rm(home, { recursive: true }));

type Weights = Readonly<Record<string, number>>;
/** Carries it out, exports it, and sees that its loss is the sum of these parts, in log and report. */
async function wholeWay(name: string, overrides: Overrides, weights: Weights = {}): Promise<FinishedRun> {
  const run = await finishedRun(home, name, overrides);
  for (const { loss, parts = {} } of run.steps) {
    expect(Object.keys(parts).sort()).toEqual(Object.keys(weights).sort());
    const sum = Object.entries(weights).reduce((all, [part, weight]) => all + weight * parts[part]!, 0);
    if (Object.keys(weights).length > 0) expect(Math.abs(sum - loss)).toBeLessThan(1e-5 * Math.max(1, Math.abs(loss)));
  }
  for (const part of Object.keys(weights)) expect(run.report).toContain(`>${part}</text>`);
  expect(run.report.includes('Parts of the loss')).toBe(Object.keys(weights).length > 0);
  await sameWhenServed(run, await exportedRun(run));
  return run;
}

const lossOf = ({ steps }: FinishedRun) => steps.map(({ loss }) => loss);
const pairs = { 'data.train': 'pairs.train.jsonl', 'data.val': 'pairs.val.jsonl' };

const settings: { readonly [K in LossKind]: readonly Overrides[] } = {
  'cross-entropy': [{ labelSmoothing: 0.1 }, { classWeights: 'balanced' }],
  'binary-cross-entropy': [{}, { positiveWeights: 'balanced' }],
  focal: [{ classWeights: [1, 2, 1.5] }],
  'binary-focal': [{ reduction: 'sum' }],
  dice: [{}, { selfAdjusting: true }],
  mse: [{}],
  'mse-correlation': [{}],
};
const losses = Object.entries(settings).flatMap(([kind, all]) =>
  lossTasks[kind as LossKind].flatMap((task) => all.map((keys): readonly [string, Task, Overrides] => [kind, task, keys])),
);

describe('losses', () => {
  test.each(losses)('%s for %s data, %j', async (kind, task, keys) => {
    await wholeWay(`${kind} ${task} ${JSON.stringify(keys)}`, { 'data.task': task, 'objective.loss': { kind, ...keys } });
  });
});

type Case = { readonly keys?: () => Overrides; readonly weights: Weights; readonly data?: Overrides };
const unlabelled = { 'data.unlabelled': 'texts.unlabelled.jsonl' };
const multiLabel = { 'data.task': 'multi-label' };
const regression = { 'data.task': 'regression' };
/** What each adds to the loss of the labels, in the settings that take other ways. */
const regularisers: { readonly [K in RegulariserKey]-?: Readonly<Record<string, Case>> } = {
  rDrop: {
    'single labels': { keys: () => ({ weight: 3 }), weights: { rDrop: 3 } },
    'several labels': { weights: { rDrop: 1 }, data: multiLabel },
    values: { weights: { rDrop: 1 }, data: regression },
  },
  adversarial: {
    'each text': { keys: () => ({ weight: 0.5 }), weights: { adversarial: 0.5 } },
    'the table': { keys: () => ({ norm: 'table' }), weights: { adversarial: 1 }, data: regression },
  },
  supervisedContrastive: {
    'single labels': { weights: { supervisedContrastive: 0.1 } },
    'several labels': { keys: () => ({ weight: 0.3 }), weights: { supervisedContrastive: 0.3 }, data: multiLabel },
  },
  selfContrastive: { values: { weights: { selfContrastive: 0.1 }, data: regression } },
  uda: {
    'other words': { keys: () => ({ threshold: 0 }), weights: { uda: 1 }, data: unlabelled },
    'annealing, a sharpened mask and a part of a text for each': {
      keys: () => ({ annealing: 'log', maskOn: 'sharpened', meanOver: 'kept', threshold: 0.4, ratio: 0.5 }),
      weights: { uda: 1 },
      data: unlabelled,
    },
    'pairs the other way round': { weights: { uda: 1 }, data: { ...pairs, 'data.unlabelled': 'pairs.unlabelled.jsonl' } },
  },
  distillation: {
    'a run': { keys: () => ({ teacher: teacher.run, weight: 0.7 }), weights: { supervised: 0.3, distillation: 0.7 } },
    'a bundle': { keys: () => ({ teacher: teacher.bundle }), weights: { supervised: 0.5, distillation: 0.5 } },
    'a run with features': {
      keys: () => ({ teacher: teacher.run, features: 0.2 }),
      weights: { supervised: 0.5, distillation: 0.5, features: 0.2 },
    },
  },
};

describe.each(Object.entries(regularisers))('%s', (key, cases) => {
  test.each(Object.entries(cases))('%s', async (name, { keys = () => ({}), weights, data = {} }) => {
    await wholeWay(`${key} ${name}`, { ...data, [`objective.${key}`]: keys() }, { supervised: 1, ...weights });
  });
});

const bert = { layers: 1, width: 16, heads: 2, intermediate: 16, initializerRange: 0.2 };
/** One of each kind, where word vectors stand in another place; ENDEF in half precision. */
const models: { readonly [K in ArchitectureConfig['kind']]: Overrides } = {
  bert: { model: bert },
  distilbert: { model: { ...bert, kind: 'distilbert' } },
  bigru: { model: { kind: 'bigru', width: 16, hidden: 8, layers: 1, residual: true } },
  endef: {
    model: {
      kind: 'endef',
      content: { kind: 'bigru', hidden: 8, layers: 1, encoder: bert },
      entity: { kernels: [1, 2], channels: 4, mlp: [8] },
    },
    'training.precision': 'fp16',
  },
  roberta: { model: { ...bert, kind: 'roberta' } },
  xlnet: { model: { kind: 'xlnet', layers: 1, width: 16, heads: 2, intermediate: 16, initializerRange: 0.2 } },
};

test.each(Object.entries(models))('%s with all regularisers at once, two batches an update', async (kind, model) => {
  const objective = {
    rDrop: {},
    adversarial: { norm: 'table' },
    supervisedContrastive: {},
    selfContrastive: {},
    uda: { threshold: 0, annealing: 'linear' },
    distillation: { teacher: teacher.run, features: 0.5 },
  };
  const weights = {
    supervised: 0.5,
    rDrop: 1,
    adversarial: 1,
    supervisedContrastive: 0.1,
    selfContrastive: 0.1,
    uda: 1,
    distillation: 0.5,
  };
  const entity = kind === 'endef' ? { entity: 0.1 } : {}; // 0.2 of what the teacher leaves
  await wholeWay(
    `everything ${kind}`,
    { ...unlabelled, ...model, objective, 'training.accumulate': 2 },
    { ...weights, ...entity, features: 0.5 },
  );
});

test('a student says what its teacher says, where that is not what the labels say', async () => {
  const { logits: taught } = await recorded({ ...plain, folder: teacher.run });
  const last = { 'training.evaluateEvery': 1000 }; // else the weights that agree most with the labels are kept
  const distance = async (name: string, objective: Overrides) => {
    const { logits } = await recorded(await finishedRun(home, name, { objective, ...thorough, ...last }));
    const centred = (row: readonly number[]) => row.map((logit) => logit - row.reduce((a, b) => a + b, 0) / row.length); // a softmax sees no more
    const squares = logits.flatMap((row, i) => centred(row).map((logit, of) => (logit - centred(taught[i]!)[of]!) ** 2));
    return squares.reduce((a, b) => a + b, 0) / squares.length;
  };
  const alone = await distance('alone', {});
  expect(await distance('taught', { distillation: { teacher: teacher.run, weight: 1 } })).toBeLessThan(0.1 * alone);
});

test('a run and its bundle teach the same', async () => {
  const taught = async (from: string) =>
    (await recorded(await finishedRun(home, `taught by ${from}`, { 'objective.distillation': { teacher: from } }))).logits.flat();
  expect(relativeDifference(await taught(teacher.run), await taught(teacher.bundle))).toBeLessThan(1e-5);
});

const augmentations: { readonly [K in keyof AugmentationConfig]-?: Overrides } = {
  eda: { 'augmentation.eda': { copies: 2 } },
  entities: { 'augmentation.entities': { probability: 0.5 } },
  swapPair: { ...pairs, 'augmentation.swapPair': {} },
};

describe('what training sees of its texts', () => {
  test.each(Object.entries(augmentations))('augmentation.%s', async (key, overrides) => {
    const run = await wholeWay(`augmentation ${key}`, { ...overrides, 'training.epochs': 2 });
    const texts = { eda: 3 * 41, entities: 41, swapPair: 41 }[key]!;
    expect(run.steps).toHaveLength(2 * Math.ceil(texts / 8));
  });

  test('pairs in both orders: twice the texts, and one answer for both orders', async () => {
    const run = await wholeWay('both orders', { ...pairs, 'data.pairs': 'both-orders' });
    expect(run.steps).toHaveLength(11);
  });

  test('oversampling: each label as often as the most frequent', async () => {
    const run = await wholeWay('oversampled', { 'data.sampling': 'oversample' });
    expect(run.steps).toHaveLength(Math.ceil((3 * 21) / 8));
  });

  test('two values a text', async () => {
    const data = { 'data.task': 'regression', 'data.fields': { value: 'values' }, 'data.labels': ['tone', 'length'] };
    const objective = { loss: { kind: 'mse-correlation' }, rDrop: {} };
    await wholeWay('two values', { ...data, objective }, { supervised: 1, rDrop: 1 });
  });

  test('Chinese texts: words and names from a library, in other words in each pass', async () => {
    const [who, does, where] = [
      '张伟 李娜 王芳 刘洋 陈静'.split(' '),
      ['昨天抵达', '今天离开', '正在访问', '明天前往'],
      ['北京', '上海', '广州'],
    ];
    const texts = Array.from({ length: 60 }, (_, i) => ({
      text: `${who[i % 5]}${does[i % 4]}${where[i % 3]}第${i}天`,
      label: ['来', '去'][i % 2],
    }));
    const write = (name: string, some: readonly object[]) =>
      writeFile(join(home, name), some.map((row) => `${JSON.stringify(row)}\n`).join(''));
    await write('zh.train.jsonl', texts.slice(0, 28));
    await write('zh.val.jsonl', texts.slice(28, 44));
    await write('zh.unlabelled.jsonl', texts.slice(44));
    const data = { train: 'zh.train.jsonl', val: 'zh.val.jsonl', unlabelled: 'zh.unlabelled.jsonl', entities: 'extract' };
    const overrides = { data, ...models.endef, augmentation: { eda: {}, entities: {} }, 'objective.uda': { threshold: 0 } };
    const run = await wholeWay('Chinese', overrides, { supervised: 1, entity: 0.2, uda: 1 });
    expect(run.steps).toHaveLength(7); // 28 texts and a copy of each
  });

  test('names found by a library', async () => {
    const model = {
      kind: 'endef',
      content: { layers: 1, width: 16, heads: 2, intermediate: 16 },
      entity: { kernels: [1, 2], channels: 4 },
    };
    await wholeWay('extracted', { model, 'data.entities': 'extract', 'augmentation.entities': {} }, { supervised: 1, entity: 0.2 });
  });
});

const schedules: { readonly [K in NonNullable<ScheduleConfig['kind']>]: Overrides } = {
  linear: { warmup: 2 },
  cosine: { warmup: 0.25 },
  constant: { warmup: 0 },
  step: { every: 1, per: 'epoch', factor: 0.5 },
  piecewise: { points: [[0, 1], [0.5, 0.1]] }, // biome-ignore format: a table
};

describe('how it is trained', () => {
  test.each(Object.entries(schedules))('schedule %s', async (kind, keys) => {
    const run = await wholeWay(`schedule ${kind}`, { 'training.schedule': { kind, ...keys }, 'training.epochs': 2 });
    const { training } = JSON.parse(await readFile(join(run.folder, runFiles.config), 'utf8'));
    const rates = run.steps.map(({ learningRate }) => learningRate / 5e-3);
    expect(rates).toEqual(rates.map((_, step) => expect.closeTo(rateAt(training.schedule, step, 12, 6), 10)));
  });

  test('trainOnly, layerDecay and groups, plain Adam', async () => {
    const optimizer = {
      kind: 'adam',
      layerDecay: 0.5,
      groups: [{ match: '^classifier', rateFactor: 4, weightDecay: 0 }],
      noDecay: ['bias$'],
    };
    const run = await wholeWay('groups', { 'training.optimizer': optimizer, 'training.trainOnly': ['^classifier', 'layer\\.0\\.'] });
    expect(lossOf(run)[0]).toBe(lossOf(plain)[0]); // the same weights and texts at first,
    expect(lossOf(run).at(-1)).not.toBe(lossOf(plain).at(-1)); // then other rates
  });

  test('half precision, which the CPU only pretends: scaled losses are unscaled again', async () => {
    const run = await wholeWay('half', { 'training.precision': 'fp16' });
    const curves = ({ steps }: FinishedRun) => [steps.map(({ loss }) => loss), steps.map(({ gradientNorm }) => gradientNorm)];
    for (const [i, curve] of curves(run).entries()) expect(relativeDifference(curve, curves(plain)[i]!)).toBeLessThan(0.02);
  });
});
