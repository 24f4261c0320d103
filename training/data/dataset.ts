/** @file The data of a run: read, split, checked, labels numbered. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { nearest, UsageError } from '../../models/index.js';
import type { DataConfig } from './data-config.js';
import { type DataWarning, warnings } from './data-warnings.js';
import { type RawExample, readExamples } from './read-examples.js';
import { stratifiedSplit } from './split.js';

export type Example = {
  readonly text: string;
  readonly pair?: string;
  /** What the model should say, a number a label: 1 for the label and 0 for the others; with several labels a text 0 or 1 for each; in a
   *  regression the values themselves. */
  readonly target: readonly number[];
  /** Names of persons, places and things that the text speaks of. */
  readonly entities?: readonly string[];
  /** Unix time in seconds. */
  readonly time?: number;
  /** Examples of one group (a source, a story, an author) stay on one side of a split. */
  readonly group?: string;
};

/** What the targets of a data set are, and so how logits become answers. */
export type Task = 'single-label' | 'multi-label' | 'regression';

/** The label of a single-label example, as an index. */
export const labelOf = ({ target }: Pick<Example, 'target'>): number => target.indexOf(Math.max(...target));
export type SplitName = 'train' | 'val' | 'test';

export type Dataset = {
  readonly task: Task;
  readonly labels: readonly string[];
  readonly splits: { readonly train: readonly Example[]; readonly val: readonly Example[]; readonly test?: readonly Example[] };
  /** sha256 over the labelled texts of each split, in file order. */
  readonly fingerprint: Readonly<Record<string, string>>;
  readonly warnings: readonly DataWarning[];
};

type RawSplit = { readonly name: SplitName; readonly path: string; readonly examples: readonly RawExample[] };

/** @param folder what relative paths start from; default the working folder
 *  @throws UsageError `data/missing`, `data/invalid`: a split empty, one class only, a label that train does not have */
export async function loadDataset(config: DataConfig, folder = process.cwd()): Promise<Dataset> {
  const files = await readFiles(config, folder);
  const labels = config.labels ?? [...new Set(files[0]!.examples.map(({ label }) => label))].sort();
  checkLabels(files, labels, config.labels !== undefined);
  const raw = config.val ? files : setAside(files, config.split);
  const indexOf = new Map(labels.map((label, index) => [label, index]));
  const number = ({ examples }: RawSplit): Example[] =>
    examples.map(({ text, pair, label }) => ({
      text,
      target: labels.map((_, index) => (index === indexOf.get(label) ? 1 : 0)),
      ...(pair === undefined ? {} : { pair }),
    }));
  const [train, val, test] = raw;
  return {
    task: 'single-label',
    labels,
    splits: { train: number(train!), val: number(val!), ...(test ? { test: number(test) } : {}) },
    fingerprint: Object.fromEntries(raw.map(({ name, examples }) => [name, fingerprint(examples)])),
    warnings: warnings(raw, labels),
  };
}

/** sha256, in hex, over `[text, pair, label]` of each example in order. */
export function fingerprint(examples: readonly Omit<RawExample, 'line'>[]): string {
  const hash = createHash('sha256');
  for (const { text, pair, label } of examples) hash.update(`${JSON.stringify([text, pair ?? null, label])}\n`);
  return hash.digest('hex');
}

/** One entry a file, train first. */
function readFiles({ train, val, test }: DataConfig, folder: string): Promise<RawSplit[]> {
  const files = Object.entries({ train, val, test }).flatMap(([name, file]) =>
    file ? [{ name: name as SplitName, path: resolve(folder, file) }] : [],
  );
  return Promise.all(files.map(async (file) => ({ ...file, examples: await readExamples(file.path) })));
}

function setAside(
  [train, ...test]: readonly RawSplit[],
  { val: share, seed }: { val: number; seed: number } = { val: 0.1, seed: 1 },
): RawSplit[] {
  const { path, examples } = train!;
  const split = stratifiedSplit(examples, share, seed);
  const sides = (['train', 'val'] as const).map((name): RawSplit => ({ name, path, examples: split[name] }));
  const empty = sides.find((side) => side.examples.length === 0);
  if (!empty) return [...sides, ...test];
  throw new UsageError(
    'data/invalid',
    `${path}: ${examples.length} examples are too few to set ${share * 100} % aside: ${empty.name} is empty`,
    'add examples, at least two different texts of each label, or give a val file.',
  );
}

function checkLabels(raw: readonly RawSplit[], labels: readonly string[], given: boolean): void {
  const [train] = raw;
  const inTrain = new Set(train!.examples.map(({ label }) => label));
  for (const { path, examples } of given ? raw : raw.slice(1)) {
    const stranger = examples.find(({ label }) => !labels.includes(label));
    if (!stranger) continue;
    const meant = nearest(stranger.label, labels);
    const count = examples.filter(({ label }) => !labels.includes(label)).length;
    const known = labels.slice(0, 12).join(', ') + (labels.length > 12 ? `, and ${labels.length - 12} more` : '');
    throw new UsageError(
      'data/invalid',
      `${path}:${stranger.line}: unknown label ${JSON.stringify(stranger.label)} (${count} such rows); ${given ? 'the config' : 'train'} has ${known}`,
      meant
        ? `did you mean ${JSON.stringify(meant)}? Correct the row.`
        : `correct the row${given ? ', or add the label to data.labels' : ', or add examples of it to train'}.`,
    );
  }
  if (inTrain.size < 2) {
    throw new UsageError(
      'data/invalid',
      `${train!.path}: one class only: every example is ${JSON.stringify([...inTrain][0])}`,
      'add examples of at least one other label; a classifier learns differences.',
    );
  }
}
