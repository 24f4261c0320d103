/** @file What a person writes to train: one JSON file, checked whole before anything is read. */
import { z } from 'zod';
import { augmentationSchema } from '../augmentation/augmentation-config.js';
import { dataSchema } from '../data/data-config.js';
import type { Task } from '../data/example.js';
import { engineKinds } from '../engines/engines.js';
import { lossSchema } from '../losses/loss.js';
import { type MetricName, metricDirections, metricsOfTask } from '../metrics/metric-names.js';
import { regularisersSchema } from '../objective/regularisers.js';
import { optimizerSchema } from '../optimizers/optimizer-config.js';
import { scheduleSchema } from '../optimizers/schedule.js';
import { isPretrained, modelSchema } from './model-config.js';

const count = z.number().int().positive();
const seed = z
  .number()
  .int()
  .nonnegative()
  .max(2 ** 31 - 1);
export const textSchema = z.strictObject({
  /** Tokens read of each text, special ones included; the rest is cut off. */
  maxTokens: count.min(3).default(128),
  /** For a vocabulary made here; a pre-trained model brings its own rule. */
  lowercase: z.boolean().default(true),
});

export const nameSchema = z.string().regex(/^[a-z0-9][a-z0-9._-]*$/i, 'use letters, digits, dots, dashes and underscores');

/** What is made small. */
const objectiveSchema = regularisersSchema.extend({
  /** Default: cross-entropy for one label a text, binary cross-entropy for several, the squared difference for values. */
  loss: lossSchema.optional(),
});

const emaSchema = z.strictObject({
  /** Share of the average that each step keeps; less in a short run, so that it reaches back over a tenth of it at most. */
  decay: z.number().min(0).lt(1).default(0.99),
  /** Step after which the average starts; below 1: a share of all steps. Until then it is the weights themselves. */
  start: z.number().min(0).default(0.1),
});

export const trainingSchema = z.strictObject({
  /** Default 3 from pre-trained weights and 5 from scratch; more for few texts (`defaultEpochs`). */
  epochs: count.optional(),
  /** Texts of one update. */
  batchSize: count.default(32),
  /** Batches that one update is spread over, where memory is short. */
  accumulate: count.default(1),
  /** Default 1e-3 from scratch, less the wider pre-trained weights are (`defaultRate`). */
  learningRate: z.number().positive().optional(),
  schedule: scheduleSchema.prefault({}),
  optimizer: optimizerSchema.prefault({}),
  ema: emaSchema.prefault({}),
  /** Only parameters whose name matches one of these patterns are trained, e.g. ["^classifier", "layer\\.5\\."]. Default: all. */
  trainOnly: z.array(z.string().refine(isPattern, 'give a regular expression')).optional(),
  /** Whether dropout works in the layers that `trainOnly` leaves as they are. Without it what they make of a text is the same in every
   *  epoch, and computed once. */
  frozenDropout: z.boolean().default(true),
  seed: seed.default(1),
  /** Batches' worth of texts that are sorted by length together: more pads less, fewer mixes better. */
  bucketMultiplier: count.default(50),
  /** Steps between evaluations on val; default once an epoch. The last step is always evaluated. */
  evaluateEvery: count.optional(),
  /** The val metric that chooses the weights that are kept. Default macroF1, of a regression mse. */
  metric: z.enum(Object.keys(metricDirections) as [MetricName]).optional(),
  /** Evaluations without a better one after which training stops; 0: never. */
  patience: z.number().int().nonnegative().default(0),
  /** Steps between checkpoints; default: at each evaluation. */
  checkpointEvery: count.optional(),
  /** Checkpoints kept while training. */
  keep: count.min(2).default(2),
  /** `webgpu`: on a graphics card, whose memory keeps weights and moments; `tensorflow`: a whole step as one call; `tfjs`: op by op, slow, to compare with. The last two where TensorFlow.js is installed. */
  engine: z.enum(engineKinds).default('onnx'),
  /** Of the engine `onnx`. TensorFlow takes a card where its library has one. */
  provider: z.enum(['cpu', 'cuda']).default('cpu'),
  /** `fp16`: matrix products in half precision with loss scaling, for providers that gain from it. The CPU does not. */
  precision: z.enum(['fp32', 'fp16']).default('fp32'),
  /** Whether the activations within layers are computed anew for the backward pass, not held: far less memory, a third more time. Of the
   *  engine `onnx`. */
  recompute: z.boolean().default(false),
  /** Threads of one operator; default: all cores. */
  threads: count.optional(),
});

const policySchema = z.strictObject({
  /** Labels that hold a text back. Default: by their names, and said when training starts. */
  hold: z.array(z.string()).optional(),
  /** A text is blocked only above a score at which this share of val texts really has the label. */
  blockPrecision: z.number().gt(0).max(1).default(0.98),
  /** Share of the val texts with a label that must be held for review. Default: whatever share the best F1 comes with. */
  reviewRecall: z.number().gt(0).max(1).optional(),
});

export const trainConfigSchema = z.strictObject({
  /** Of the model: letters, digits, dot, dash, underscore. */
  name: nameSchema,
  data: dataSchema,
  model: modelSchema.prefault({}),
  text: textSchema.prefault({}),
  augmentation: augmentationSchema.prefault({}),
  objective: objectiveSchema.prefault({}),
  training: trainingSchema.prefault({}),
  policy: policySchema.prefault({}),
  /** Of the weights, for the model card; and what must be said with them. */
  license: z.string().optional(),
  notice: z.string().optional(),
});

type Parsed = z.infer<typeof trainConfigSchema>;
/** The config with every default filled in but `training.epochs`, which hangs on how many texts there are, and the rate of a pre-trained model. */
export type TrainConfig = Parsed;
/** With that rate. */
export type RatedConfig = Omit<Parsed, 'training'> & { readonly training: Parsed['training'] & { readonly learningRate: number } };

export const withDefaults = (parsed: Parsed): TrainConfig => (isPretrained(parsed.model) ? parsed : withRate(parsed, scratchRate));

export const withRate = (config: TrainConfig, rate: number): RatedConfig => ({
  ...config,
  training: { ...config.training, learningRate: config.training.learningRate ?? rate },
});

const scratchRate = 1e-3;

/**
 * Of a pre-trained model: 1e-3 up to a width of 128, 5e-5 from 384 on, where both were found to be right, and between them by a power of the
 * width (docs/results.md).
 */
export function defaultRate(width: number): number {
  const [small, large] = [128, 384];
  const power = Math.log(scratchRate / 5e-5) / Math.log(large / small);
  return 5e-5 * (large / Math.min(large, Math.max(small, width))) ** power;
}

/** What it takes to learn: passes over the data, and updates where the data are few. */
const wanted = { pretrained: { epochs: 3, updates: 300, most: 20 }, scratch: { epochs: 5, updates: 1500, most: 30 } };

/** Passes over train when the config does not say: 3 from pre-trained weights and 5 from scratch, more for few texts. */
export function defaultEpochs({ model }: Pick<TrainConfig, 'model'>, stepsPerEpoch: number): number {
  const { epochs, updates, most } = isPretrained(model) ? wanted.pretrained : wanted.scratch;
  return Math.min(most, Math.max(epochs, Math.ceil(updates / stepsPerEpoch)));
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/** The val metric that chooses the weights: what the config names, else the first of the task. */
export const selectionMetric = ({ training }: TrainConfig, task: Task): MetricName => training.metric ?? metricsOfTask[task][0];
