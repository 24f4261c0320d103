/** @file The data of a run: read, split, checked, labels numbered. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { nearest, UsageError } from '../../models/index.js';
import { type DataConfig, type DataInput, dataSchema } from './data-config.js';
import { type DataWarning, warnings } from './data-warnings.js';
import { withEntities } from './entities.js';
import type { Example, Task, Unlabelled } from './example.js';
import { columnsOf } from './fields.js';
import { guardUnlabelled, type Transductive } from './guard.js';
import type { Language } from './language/language.js';
import type { RawExample } from './read-examples.js';
import { checkPairs, readSplit } from './read-split.js';
import { setAside } from './set-aside.js';
import { checkAnswers, type Placed, taskRules } from './tasks.js';

export { type Example, labelOf, type Task, type Unlabelled } from './example.js';
export type SplitName = 'train' | 'val' | 'test';

export type Dataset = {
  readonly task: Task;
  /** In a regression the names of the values. */
  readonly labels: readonly string[];
  readonly splits: { readonly train: readonly Example[]; readonly val: readonly Example[]; readonly test?: readonly Example[] };
  readonly unlabelled?: readonly Unlabelled[];
  /** sha256 over the labelled texts of each split, in file order, and over the unlabelled ones. */
  readonly fingerprint: Readonly<Record<string, string>>;
  readonly warnings: readonly DataWarning[];
  /** Texts of val and test that are also learned from without labels, by the config's leave. */
  readonly transductive?: Transductive;
  /** What words and names are found by: the config's, or that of the first texts. */
  readonly language?: Language;
};

/** @param folder what relative paths start from; default the working folder
 *  @throws UsageError `data/missing`, `data/invalid`: train or val empty, train with one class only, a label that train does not have, pairs among single
 *  texts, a split that cannot be made, a test text among the unlabelled ones */
export async function loadDataset(given: DataInput, folder = process.cwd()): Promise<Dataset> {
  const config = dataSchema.parse(given);
  const at = (paths: string | readonly string[]) => [paths].flat().map((path) => resolve(folder, path));
  const { fields } = config;
  const train = await readSplit(at(config.train), { fields, task: config.task });
  const task = train.task ?? 'single-label';
  if (train.examples.length === 0)
    throw new UsageError('data/invalid', `${at(config.train).join(', ')}: holds no example to train on`, 'write rows with text and label.');
  const read = async (paths: string | readonly string[] | undefined) =>
    paths === undefined ? undefined : (await readSplit(at(paths), { fields, task })).examples;
  const [givenVal, givenTest] = [await read(config.val), await read(config.test)];
  if (givenVal?.length === 0) throw emptyVal(at(config.val!));
  const named = renamer(config, [train.examples, givenVal ?? [], givenTest ?? []].flat());
  const rename = config.targets === 'votes' ? named : (example: Placed) => withoutVotes(named(example));
  const [val, test] = [givenVal?.map(rename), givenTest?.map(rename)];
  const files = { train: train.examples.map(rename), ...(val ? { val } : {}), ...(test ? { test } : {}) };
  const unlabelled =
    config.unlabelled === undefined ? undefined : (await readSplit(at(config.unlabelled), { fields, labelled: false })).examples;

  checkPairs({ ...files, ...(unlabelled ? { unlabelled } : {}) });
  const labels = labelsOf(config, task, files);
  const raw = val ? { ...files, val } : { ...files, ...setAside(files.train, config.split, { task, labels }) };
  const transductive = guardUnlabelled(unlabelled ?? [], { val: raw.val, test: raw.test ?? [] }, config.allowTestTexts);
  const { finish, language } = await withEntities(config, raw.train);
  const number = async (examples: readonly Placed[]): Promise<readonly Example[]> =>
    finish(
      examples.map((example) => ({
        ...common(example),
        target: taskRules[task].target(example, labels),
        ...(example.votes ? { shares: shares(example, labels) } : {}),
      })),
    );
  const splits = Object.entries({ train: raw.train, val: raw.val, ...(raw.test ? { test: raw.test } : {}) });
  return {
    task,
    labels,
    splits: {
      train: await number(raw.train),
      val: await number(raw.val),
      ...(raw.test ? { test: await number(raw.test) } : {}),
    },
    ...(unlabelled ? { unlabelled: await finish(unlabelled.map(common)) } : {}),
    fingerprint: Object.fromEntries(
      [...splits, ...(unlabelled ? [['unlabelled', unlabelled] as const] : [])].map(([name, examples]) => [
        name,
        fingerprint(examples, task),
      ]),
    ),
    warnings: [
      ...inferred(config, task),
      ...warnings(
        splits.map(([name, examples]) => ({ name, examples })),
        labels,
        task,
      ),
      ...learnedFrom(transductive),
    ],
    ...(transductive ? { transductive } : {}),
    ...(language ? { language } : {}),
  };
}

const emptyVal = (paths: readonly string[]): UsageError =>
  new UsageError(
    'data/invalid',
    `${paths.join(', ')}: val holds no example, and nothing else would choose the weights, fit temperature and thresholds, or check an export`,
    'put labelled texts there, or take data.val out: a part of train is then set aside (data.split).',
  );

type Files = { readonly train: readonly Placed[]; readonly val?: readonly Placed[]; readonly test?: readonly Placed[] };

/** @throws UsageError `config/invalid` for a label that no example has: it would be a slip of the pen */
export function renamer({ rename }: Pick<DataConfig, 'rename'>, examples: readonly Placed[]): (example: Placed) => Placed {
  const old = Object.keys(rename);
  if (old.length === 0) return (example) => example;
  const known = new Set(
    examples.flatMap(({ label, labels = [], votes = {} }) => [...(label === undefined ? labels : [label]), ...Object.keys(votes)]),
  );
  const stranger = old.find((label) => !known.has(label));
  if (stranger !== undefined) {
    const meant = nearest(stranger, [...known]);
    const fix = meant ? `did you mean ${JSON.stringify(meant)}?` : `use some of ${[...known].sort().join(', ')}.`;
    throw new UsageError('config/invalid', `data.rename: no text has the label ${JSON.stringify(stranger)}`, fix);
  }
  const named = (label: string): string => rename[label] ?? label;
  return ({ label, labels, votes, ...example }) => ({
    ...example,
    ...(label === undefined ? {} : { label: named(label) }),
    ...(labels === undefined ? {} : { labels: [...new Set(labels.map(named))] }),
    ...(votes === undefined ? {} : { votes: renamed(votes, named) }),
  });
}

function renamed(votes: Readonly<Record<string, number>>, named: (label: string) => string): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const [label, count] of Object.entries(votes)) sums.set(named(label), (sums.get(named(label)) ?? 0) + count);
  return Object.fromEntries(sums);
}

/** All labels, in the order of the model's outputs: those that the config names, the columns that hold one each, or those that train has. */
export function labelsIn({ labels, fields, rename }: DataConfig, task: Task, train: readonly Placed[]): readonly string[] {
  const columns = { 'single-label': undefined, 'multi-label': columnsOf(fields, 'labels'), regression: columnsOf(fields, 'value') }[task];
  const named = columns && [...new Set(columns.map((column) => rename[column] ?? column))];
  if (task === 'regression' && labels && named && labels.join() !== named.join() && [...labels].sort().join() === [...named].sort().join())
    throw new UsageError('config/invalid', 'data.labels has the columns of data.fields.value in another order', 'take data.labels out: the columns are the names.'); // biome-ignore format: one thought
  return labels ?? named ?? taskRules[task].labelsIn(train);
}

function labelsOf(config: DataConfig, task: Task, { train, val = [], test = [] }: Files): readonly string[] {
  const labels = labelsIn(config, task, train);
  checkAnswers(task, [...train, ...val, ...test], labels, config.labels !== undefined);
  taskRules[task].check(train, labels);
  return labels;
}

const withoutVotes = ({ votes: _, ...example }: Placed): Placed => example;

/** The votes as parts of one, in the order of the labels. */
function shares({ votes = {}, path, line }: Placed, labels: readonly string[]): readonly number[] {
  const stranger = Object.keys(votes).find((label) => votes[label]! > 0 && !labels.includes(label));
  if (stranger !== undefined) {
    const what = `${path}:${line}: votes for ${JSON.stringify(stranger)}, and the labels are ${labels.join(', ')}`;
    throw new UsageError('data/invalid', what, 'name all labels in data.labels, or say in data.rename which label these votes are for.');
  }
  const all = Object.values(votes).reduce((sum, count) => sum + count, 0);
  return labels.map((label) => (votes[label] ?? 0) / all);
}

const common = ({ text, pair, entities, time, group }: Placed): Unlabelled => ({
  text,
  ...(pair === undefined ? {} : { pair }),
  ...(entities === undefined ? {} : { entities }),
  ...(time === undefined ? {} : { time }),
  ...(group === undefined ? {} : { group }),
});

/** sha256, in hex, over `[text, pair, answer]` of each example in order, and its entities where it has any. */
export function fingerprint(examples: readonly RawExample[], task: Task): string {
  const hash = createHash('sha256');
  for (const example of examples) {
    const { text, pair = null, label, labels, value, entities, votes } = example;
    const answer = label === undefined && labels === undefined && value === undefined ? null : taskRules[task].answer(example);
    hash.update(`${JSON.stringify([text, pair, answer, ...(entities?.length ? [entities] : []), ...(votes ? [votes] : [])])}\n`);
  }
  return hash.digest('hex');
}

function inferred({ task: given }: DataConfig, task: Task): DataWarning[] {
  if (given !== undefined || task === 'single-label') return [];
  const message = `data.task is not set; by the fields of train it is ${task}.`;
  return [{ kind: 'task-inferred', count: 0, message, texts: [] }];
}

function learnedFrom(transductive: Transductive | undefined): DataWarning[] {
  if (!transductive) return [];
  const { count, val, test } = transductive;
  const message = `${count} unlabelled texts are also held out (${val} in val, ${test} in test), as data.allowTestTexts says: figures there are those of a model that has seen the texts.`;
  return [{ kind: 'test-texts-unlabelled', count, message, texts: [] }];
}
