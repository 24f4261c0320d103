/** @file config.json of a classifier that was trained elsewhere: which architecture it is, its labels, and what its logits mean. */
import { join } from 'node:path';
import { z } from 'zod';
import { type ArchitectureConfig, architectureSchema, nearest, UsageError } from '../../models/index.js';
import { hubConfigSchema, type Task } from '../../training/index.js';

export type ForeignConfig = {
  readonly architecture: ArchitectureConfig;
  readonly labels: readonly string[];
  readonly task: Task;
  readonly modelType: string;
};

export type ConfigOptions = {
  /** Names for the labels, in the model's order, in place of its own. */
  readonly labels?: readonly string[] | undefined;
  /** What the logits mean, where config.json does not say it. */
  readonly task?: Task | undefined;
};

/** What transformers puts on each of these encoders to classify. */
const heads = {
  bert: { pooling: 'cls' },
  distilbert: {},
  roberta: {},
  'xlm-roberta': {},
  camembert: {},
} as const;
const known = Object.keys(heads);
type ModelType = keyof typeof heads;

const schema = z.looseObject({
  model_type: z.string(),
  architectures: z.array(z.string()).nullish(),
  problem_type: z.enum(['single_label_classification', 'multi_label_classification', 'regression']).nullish(),
  // transformers does not write it where there are two labels without names.
  id2label: z.record(z.string(), z.string().min(1)).default({ 0: 'LABEL_0', 1: 'LABEL_1' }),
});
type Content = z.infer<typeof schema>;

/** @throws UsageError `weights/invalid` for what cannot be brought in, with what can; `usage/argument` for options that do not fit it */
export function foreignConfig(raw: Readonly<Record<string, unknown>>, folder: string, options: ConfigOptions = {}): ForeignConfig {
  const where = join(folder, 'config.json');
  const content = checked(schema, raw, where);
  const modelType = content.model_type;
  if (!Object.hasOwn(heads, modelType)) throw unknownType(where, modelType);
  const classifier = content.architectures?.some((name) => name.endsWith('ForSequenceClassification')) ?? true;
  if (!classifier) {
    throw new UsageError(
      'weights/invalid',
      `${where}: this is a ${content.architectures![0]}, which does not classify texts`,
      'give a …ForSequenceClassification, or train a classifier on this model: "model": {"pretrained": FOLDER}.',
    );
  }
  const encoder = checked(hubConfigSchema, raw, where);
  const architecture = checked(architectureSchema, { ...encoder, ...heads[modelType as ModelType] }, where);
  const labels = labelsOf(content, where, options.labels);
  return { architecture, labels, task: taskOf(content, labels, where, options.task), modelType };
}

function checked<T>(of: z.ZodType<T>, raw: unknown, where: string): T {
  const parsed = of.safeParse(raw, { reportInput: true });
  if (parsed.success) return parsed.data;
  const { path, message, input } = parsed.error.issues[0]!;
  const given = input === undefined || typeof input === 'object' ? '' : ` is ${JSON.stringify(input)}`;
  throw new UsageError(
    'weights/invalid',
    `${where}: ${path.join('.') || 'the file'}${given}: ${message}`,
    `give a ${known.join(', ')} with learned absolute positions and gelu, as Hugging Face saves it.`,
  );
}

function unknownType(where: string, given: string): UsageError {
  const meant = nearest(given, known);
  return new UsageError(
    'weights/invalid',
    `${where}: model_type is ${JSON.stringify(given)}; known are ${known.join(', ')}`,
    meant
      ? `if its layers are those of ${meant}, save it as such; else fine-tune one of those that are known.`
      : 'fine-tune one of those that are known on the same data, here (copydesk train) or elsewhere.',
  );
}

function labelsOf({ id2label }: Content, where: string, given: readonly string[] | undefined): readonly string[] {
  const own = Object.keys(id2label).map((_, i) => id2label[i]);
  const gap = own.indexOf(undefined);
  if (gap >= 0) {
    const what = `${where}: id2label has ${own.length} labels and none of the number ${gap}`;
    throw new UsageError('weights/invalid', what, 'number the labels from 0 on, as the logits are.');
  }
  if (given && given.length !== own.length) {
    const what = `--labels: ${given.length} names were given; the model has ${own.length}: ${own.join(', ')}`;
    throw new UsageError('usage/argument', what, 'give as many, in that order.');
  }
  const labels = given ?? (own as readonly string[]);
  const twice = labels.find((label, i) => labels.indexOf(label) !== i);
  if (twice !== undefined)
    throw new UsageError('weights/invalid', `${where}: two labels are called ${JSON.stringify(twice)}`, 'name each with --labels.');
  return labels;
}

const tasks: { readonly [P in NonNullable<Content['problem_type']>]: Task } = {
  single_label_classification: 'single-label',
  multi_label_classification: 'multi-label',
  regression: 'regression',
};

/** Nothing in a model with one output says whether that is a value or the score of a label: transformers trains it as the one and shows it as the
 *  other. */
function taskOf({ problem_type: problem }: Content, labels: readonly string[], where: string, given: Task | undefined): Task {
  const task = given ?? (problem ? tasks[problem] : undefined);
  if (task === undefined && labels.length > 1) return 'single-label';
  const alone = `${where}: there is one output (${labels[0]})`;
  const fix = 'say --task regression for a value, or --task multi-label for a label that a text has or has not.';
  if (task === undefined) throw new UsageError('weights/invalid', `${alone}, and problem_type does not say what it is`, fix);
  if (task === 'single-label' && labels.length === 1)
    throw new UsageError('weights/invalid', `${alone}, from which no label can be chosen`, fix);
  return task;
}
