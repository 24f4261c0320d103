/** @file The losses that a config may name, in one total table, what each is for, and which is taken when none is named. */
import { z } from 'zod';
import type { GraphBuilder, Value } from '../../models/index.js';
import type { Task } from '../data/dataset.js';
import { binaryCrossEntropy, binaryCrossEntropySchema } from './binary-cross-entropy.js';
import { binaryFocal, binaryFocalSchema } from './binary-focal.js';
import { crossEntropy, crossEntropySchema } from './cross-entropy.js';
import { dice, diceSchema } from './dice.js';
import { focal, focalSchema } from './focal.js';
import { balancedClasses, balancedPositives, type LabelCounts, type LabelWeights } from './label-weights.js';
import { meanSquaredError, meanSquaredErrorSchema } from './mean-squared-error.js';
import { mseCorrelation, mseCorrelationSchema } from './mse-correlation.js';
import type { Supervised } from './supervised.js';

export const lossSchema = z.discriminatedUnion('kind', [
  crossEntropySchema,
  binaryCrossEntropySchema,
  focalSchema,
  binaryFocalSchema,
  diceSchema,
  meanSquaredErrorSchema,
  mseCorrelationSchema,
]);
export type LossConfig = z.infer<typeof lossSchema>;
export type LossKind = LossConfig['kind'];
type LossOf<K extends LossKind> = Extract<LossConfig, { kind: K }>;

/** A loss with its weights as numbers, one a label: `balanced` is counted already. */
export type ResolvedLoss<K extends LossKind = LossKind> = {
  readonly [T in K]: Omit<LossOf<T>, 'classWeights' | 'positiveWeights'> & { readonly weights?: readonly number[] };
}[K];

/** Every loss: [batch, labels] twice to []. */
export const losses: { readonly [K in LossKind]: (g: GraphBuilder, supervised: Supervised, config: ResolvedLoss<K>) => Value } = {
  'cross-entropy': crossEntropy,
  'binary-cross-entropy': binaryCrossEntropy,
  focal,
  'binary-focal': binaryFocal,
  dice,
  mse: meanSquaredError,
  'mse-correlation': mseCorrelation,
};

/** The tasks that each loss is for. */
export const lossTasks: { readonly [K in LossKind]: readonly Task[] } = {
  'cross-entropy': ['single-label'],
  'binary-cross-entropy': ['multi-label'],
  focal: ['single-label'],
  'binary-focal': ['multi-label'],
  dice: ['single-label', 'multi-label'],
  mse: ['regression'],
  'mse-correlation': ['regression'],
};

const defaults: { readonly [T in Task]: LossKind } = {
  'single-label': 'cross-entropy',
  'multi-label': 'binary-cross-entropy',
  regression: 'mse',
};

/** The loss of a task when the config names none. */
export const defaultLoss = (task: Task): LossConfig => lossSchema.parse({ kind: defaults[task] });

/** The loss of a config, its weights counted where it says `balanced`. */
export function resolveLoss(config: LossConfig, counts: LabelCounts): ResolvedLoss {
  const { classWeights, positiveWeights, ...rest } = config as LossConfig & {
    readonly classWeights?: LabelWeights;
    readonly positiveWeights?: LabelWeights;
  };
  const classes = classWeights === 'balanced' ? balancedClasses(counts) : classWeights;
  const positives = positiveWeights === 'balanced' ? balancedPositives(counts) : positiveWeights;
  const weights = classes ?? positives;
  return { ...rest, ...(weights ? { weights } : {}) } as ResolvedLoss;
}

/** The loss that `config` names, written into `g`: []. */
export const supervisedLoss = (g: GraphBuilder, supervised: Supervised, config: ResolvedLoss): Value =>
  (losses[config.kind] as (g: GraphBuilder, supervised: Supervised, config: ResolvedLoss) => Value)(g, supervised, config);
