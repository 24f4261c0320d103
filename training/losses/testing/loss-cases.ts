/** @file Every loss and regulariser in one or more settings, for the tests that all of them must pass. */
import type { GraphBuilder, Value } from '../../../models/index.js';
import type { Task } from '../../data/dataset.js';
import { distillation } from '../distillation.js';
import { featureDistance } from '../feature-distance.js';
import { type LossKind, lossTasks, type ResolvedLoss, supervisedLoss } from '../loss.js';
import { rDrop } from '../r-drop.js';
import { selfContrastive } from '../self-contrastive.js';
import { supervisedContrastive } from '../supervised-contrastive.js';
import { tsaCrossEntropy } from '../tsa.js';
import { udaConsistency } from '../uda.js';

export type LossCase = {
  readonly title: string;
  /** What the targets look like. */
  readonly task: Task;
  /** What it is differentiated by, [batch, 3] each, and what is given beside that. */
  readonly inputs: readonly string[];
  readonly fixed?: readonly string[];
  readonly build: (g: GraphBuilder, values: Readonly<Record<string, Value>>, target: Value) => Value;
};

/** Three labels, so three weights. */
const weights = [0.5, 2, 1.5];
const settings: { readonly [K in LossKind]: readonly Omit<ResolvedLoss<K>, 'kind'>[] } = {
  'cross-entropy': [{ labelSmoothing: 0 }, { labelSmoothing: 0.1, weights }],
  'binary-cross-entropy': [{}, { weights }],
  focal: [
    { gamma: 2, reduction: 'mean' },
    { gamma: 0.5, weights, reduction: 'sum' },
    { gamma: 0, reduction: 'mean' },
  ],
  'binary-focal': [
    { gamma: 2, alpha: 0.25, reduction: 'mean' },
    { gamma: 1.5, alpha: 0.5, reduction: 'sum' },
  ],
  dice: [
    { smooth: 1, selfAdjusting: false, alpha: 1 },
    { smooth: 1, selfAdjusting: true, alpha: 1 },
    { smooth: 0.5, selfAdjusting: true, alpha: 0.3 },
  ],
  mse: [{}],
  'mse-correlation': [{ weight: 1.5 }],
};
const supervised = Object.entries(settings).flatMap(([kind, ways]) =>
  lossTasks[kind as LossKind].flatMap((task) =>
    ways.map((way): LossCase => {
      const config = { kind, ...way } as ResolvedLoss;
      return {
        title: `${kind} ${JSON.stringify(way)} for ${task}`,
        task,
        inputs: ['logits'],
        build: (g, { logits }, target) => supervisedLoss(g, { logits: logits!, target }, config),
      };
    }),
  ),
);

const tasks: readonly Task[] = ['single-label', 'multi-label', 'regression'];
const passes = tasks.map(
  (task): LossCase => ({
    title: `r-drop for ${task}`,
    task,
    inputs: ['first', 'second'],
    build: (g, { first, second }) => rDrop(g, { first: first!, second: second! }, task),
  }),
);
const taught = tasks.map(
  (task): LossCase => ({
    title: `distillation for ${task}`,
    task,
    inputs: ['student'],
    fixed: ['teacher'],
    build: (g, { student, teacher }) => distillation(g, { student: student!, teacher: teacher! }, task, { temperature: 2 }),
  }),
);
const consistency = (['raw', 'sharpened'] as const).flatMap((maskOn) =>
  (['batch', 'kept'] as const).map(
    (meanOver): LossCase => ({
      title: `uda, mask on ${maskOn}, mean over ${meanOver}`,
      task: 'single-label',
      inputs: ['augmented'],
      fixed: ['original'],
      build: (g, { augmented, original }) =>
        udaConsistency(g, { augmented: augmented!, original: original! }, { temperature: 0.4, threshold: 0.5, maskOn, meanOver }),
    }),
  ),
);

export const lossCases: readonly LossCase[] = [
  ...supervised,
  ...passes,
  ...taught,
  ...consistency,
  {
    title: 'feature distance after a projection',
    task: 'single-label',
    inputs: ['student'],
    fixed: ['teacher'],
    build: (g, { student, teacher }) =>
      featureDistance(g, {
        student: student!,
        teacher: teacher!,
        projection: g.constant([1, 2, 3, -1, 0, 1, 0.5, 2, -3], teacher!.type, [3, 3]),
      }),
  },
  {
    title: 'tsa cross-entropy',
    task: 'single-label',
    inputs: ['logits'],
    build: (g, { logits }, target) => tsaCrossEntropy(g, { logits: logits!, target }, g.constant(0.4), { labelSmoothing: 0.1, weights }),
  },
  ...[1, 0.05].map(
    (temperature): LossCase => ({
      title: `supervised contrastive at ${temperature}`,
      task: 'single-label',
      inputs: ['features'],
      build: (g, { features }, target) => supervisedContrastive(g, { features: features!, target }, { temperature }),
    }),
  ),
  {
    title: 'self-contrastive',
    task: 'single-label',
    inputs: ['first', 'second'],
    build: (g, { first, second }) => selfContrastive(g, { first: first!, second: second! }, { temperature: 0.05 }),
  },
];
