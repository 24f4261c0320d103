/** @file The runs of a study: one config with several seeds, or on several folds of its data. */
import { join, resolve } from 'node:path';
import { writeWhole } from '../../models/bundle/node.js';
import { labelsIn, renamer } from '../data/dataset.js';
import type { FieldName, Fields } from '../data/fields.js';
import { folds } from '../data/folds.js';
import { readSplit } from '../data/read-split.js';
import type { SplitBy } from '../data/split.js';
import { type Placed, taskRules } from '../data/tasks.js';
import type { TrainConfig } from '../trainer/config.js';
import type { PlannedRun } from './carry-out.js';

export const planSeeds = (config: TrainConfig, seeds: readonly number[]): PlannedRun[] =>
  seeds.map((seed) => ({ name: `seed-${seed}`, config: withSeed(config, seed) }));

export const withSeed = (config: TrainConfig, seed: number): TrainConfig => ({ ...config, training: { ...config.training, seed } });

/** Every way to make folds. */
export const foldRules: readonly SplitBy[] = ['label', 'random', 'group', 'time'];

export type FoldPlan = { readonly by: SplitBy; readonly texts: number; readonly runs: readonly PlannedRun[] };

/**
 * The texts of `data.train` and `data.val` together, dealt out and written below `folder`: each fold is a run like any other, with files of its
 * own. `data.test` stays as it is; `data.split` has nothing left to say but how to deal.
 *
 * @param by default: as `data.split.by` says, else by group where every text has one, else by label
 * @throws UsageError `data/invalid` when the texts are too few or lack what they are dealt by
 */
export async function planFolds(config: TrainConfig, folder: string, count: number, by?: SplitBy): Promise<FoldPlan> {
  const { val, split, ...rest } = config.data;
  const { examples, task = 'single-label' } = await readSplit([config.data.train, val ?? []].flat(), config.data);
  const renamed = examples.map(renamer(config.data, examples));
  const labels = labelsIn(config.data, task, renamed);
  const chosen = by ?? split?.by ?? (examples.every(({ group }) => group !== undefined) ? 'group' : 'label');
  const numbered = renamed.map((example) => ({ ...example, target: taskRules[task].target(example, labels) }));
  const write = async (name: string, some: readonly number[]) => {
    const path = resolve(join(folder, 'folds', `${name}.jsonl`));
    await writeWhole(path, some.map((i) => toLine(examples[i]!, config.data.fields)).join(''));
    return path;
  };
  const runs = folds(numbered, count, chosen, split?.seed ?? 1).map(async ({ train, val: held }, i) => {
    const name = `fold-${i + 1}`;
    const files = { train: await write(`${name}-train`, train), val: await write(`${name}-val`, held) };
    // All labels, so that a fold without a rare one numbers them as the others do.
    return { name, config: { ...config, data: { ...rest, ...files, task, labels: [...labels] } } };
  });
  return { by: chosen, texts: examples.length, runs: await Promise.all(runs) };
}

/** As it was given, so that the fold is read as the config reads all files. */
const toLine = ({ line: _line, path: _path, ...example }: Placed, fields: Fields): string => {
  const named = Object.entries(example).flatMap(([name, value]): readonly (readonly [string, unknown])[] => {
    const theirs = fields[name as FieldName] ?? name;
    if (typeof theirs === 'string') return [[theirs, value]];
    return theirs.map((column, i) => [column, name === 'labels' ? Number(example.labels!.includes(column)) : example.value![i]]);
  });
  return `${JSON.stringify(Object.fromEntries(named))}\n`;
};
