/** @file The `data` part of a training config. */
import { z } from 'zod';
import { fieldsSchema } from './fields.js';
import { languages } from './language/language.js';

const path = z.string().min(1);
const paths = z.union([path, z.array(path).min(1)], { error: 'give a path, or a list of paths' });
const share = z.number().gt(0).lt(1);

const splitSchema = z
  .strictObject({
    /** Share of train that becomes val. */
    val: share.default(0.1),
    /** Share of train that becomes test; without it there is none but a file's. */
    test: share.optional(),
    /** `label`: the same share of each label (of low, middling and high values, in a regression). `random`: of all. `time`: the newest to test,
     *  the next to val. `group`: whole groups. */
    by: z.enum(['label', 'random', 'time', 'group']).default('label'),
    seed: z.number().int().default(1),
  })
  .refine(({ val, test = 0 }) => val + test < 1, { message: 'val and test together leave nothing to train on', path: ['test'] });

export const dataSchema = z
  .strictObject({
    /** What the targets are. Default: `single-label` where the first row has a label, `multi-label` where it has labels, `regression`
     *  where it has a value. */
    task: z.enum(['single-label', 'multi-label', 'regression']).optional(),
    /** Labelled texts to learn from. Paths are taken from the folder of the config; several are read one after another. */
    train: paths,
    /** Texts to choose, calibrate and set thresholds by. Without it a part of train is set aside. */
    val: paths.optional(),
    /** Texts that are only looked at once, at the end. */
    test: paths.optional(),
    /** Texts without labels, for consistency training and pre-training. */
    unlabelled: paths.optional(),
    /** All labels, in the order of the model's outputs; in a regression the names of the values. Default: those in train, in alphabetical
     *  order, or `value`. */
    labels: z.array(z.string().min(1)).min(1).optional(),
    /** Labels of the files that are learnt under another name, e.g. { "pants-fire": "false" }: several may become one. */
    rename: z.record(z.string().min(1), z.string().min(1)).default({}),
    /** What the files call their fields, e.g. { "text": "headline" }. */
    fields: fieldsSchema.prefault({}),
    /** How val, and test, are set aside when there is no file of them. */
    split: splitSchema.optional(),
    /** Where the names in a text come from: the file, a library that finds them, or nowhere. */
    entities: z.enum(['given', 'extract', 'none']).default('given'),
    /** What finds words and names. Default: by the letters of the first texts of train. */
    language: z.enum(languages).optional(),
    /** `both-orders`: training sees each pair both ways round, and answers are the mean over both. */
    pairs: z.enum(['as-given', 'both-orders']).default('as-given'),
    /** What training sees of a label: itself, or the share of annotators who gave each (the field `votes`), for texts that have votes.
     *  Figures go by the labels either way. */
    targets: z.enum(['labels', 'votes']).default('labels'),
    /** `oversample`: texts of rare labels come several times, so that each label comes as often as the most frequent. */
    sampling: z.enum(['natural', 'oversample']).default('natural'),
    /** Whether texts of val and test may stand among the unlabelled ones. How many do is then written down with the run. */
    allowTestTexts: z.boolean().default(false),
  })
  .refine(({ val, split }) => !(val && split), { message: 'give val (a file) or split (a share of train), not both', path: ['split'] })
  .refine(({ test, split }) => !(test && split?.test), {
    message: 'give test (a file) or split.test (a share of train), not both',
    path: ['split', 'test'],
  })
  .refine(({ labels = [] }) => new Set(labels).size === labels.length, { message: 'a label is there twice', path: ['labels'] });

export type DataConfig = z.infer<typeof dataSchema>;

/** Before defaults are filled in. */
export type DataInput = z.input<typeof dataSchema>;

/** The config with each path changed, e.g. made absolute. */
export function mapPaths<T extends Pick<DataConfig, 'train' | 'val' | 'test' | 'unlabelled'>>(
  config: T,
  change: (path: string) => string,
): T {
  const keys = (['train', 'val', 'test', 'unlabelled'] as const).filter((key) => config[key] !== undefined);
  const changed = keys.map((key) => {
    const value = config[key]!;
    return [key, typeof value === 'string' ? change(value) : value.map(change)];
  });
  return { ...config, ...Object.fromEntries(changed) };
}
