/** @file `copydesk compare`: runs side by side, and whether they differ by more than chance. */
import { access, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../models/index.js';
import { isRun } from '../models/run/node.js';
import {
  type Comparison,
  compare,
  type Member,
  metricTitles,
  readFinishedRun,
  secondsPerText,
  signed,
  studyFiles,
} from '../training/index.js';
import { answersOn } from './answers-on.js';
import { type PrecisionOption, precisionOption } from './precision-option.js';
import { print, say, type Terminal } from './terminal.js';

type Options = PrecisionOption & { readonly on?: string; readonly metric?: string; readonly examples: string; readonly json?: true };

export function compareCommand(terminal: Terminal): Command {
  return new Command('compare')
    .summary('set runs side by side, with intervals')
    .description(
      'Sets runs side by side on the val texts that they share, or with --on on any labelled texts, and says whether they differ by more than chance: every other one against the first, by a paired bootstrap over the texts. Runs whose configs differ in the seed alone count as one, by the mean of their figures.',
    )
    .argument('<runs...>', 'folders of runs, or of studies for all their runs; with --on also bundles')
    .option('--on <file>', 'labelled texts to compare on: .jsonl, .csv, .tsv, each also .gz')
    .option('--metric <name>', 'the figure that the sentences are about; default macroF1, or pearson')
    .option('--examples <count>', 'show so many of the texts whose answers change', '0')
    .addOption(precisionOption())
    .option('--json', 'print the result as one JSON object')
    .addHelpText('after', examples)
    .action((folders: string[], options: Options) => run(terminal, folders, options));
}

async function run(terminal: Terminal, given: readonly string[], { on, metric, examples: most, precision, json }: Options): Promise<void> {
  const count = Number(most);
  if (!Number.isSafeInteger(count) || count < 0)
    throw new UsageError('usage/argument', `--examples ${most}: no whole number`, 'write it as --examples 10.');
  const folders = unique((await Promise.all(given.map(runsIn))).flat());
  if (folders.length < 2)
    throw new UsageError('usage/argument', `${folders.join('')}: one run by itself`, 'name at least two different runs, or a study.');
  const members: Member[] = [];
  for (const folder of folders) members.push(on === undefined ? await ofVal(folder) : await answersOn(terminal, folder, on, precision));
  say(terminal, `drawing the ${members[0]!.answers.texts.length} texts anew 10 000 times`);
  const comparison = compare(members, { examples: count, ...(metric === undefined ? {} : { metric }) });
  await print(terminal, json ? JSON.stringify(comparison) : tables(comparison).join('\n'));
}

/** A study is all its runs. */
async function runsIn(folder: string): Promise<string[]> {
  const path = join(folder, studyFiles.json);
  const isStudy = await access(path).then(
    () => true,
    () => false,
  );
  if (!isStudy) return [folder];
  const { runs } = JSON.parse(await readFile(path, 'utf8')) as { runs: readonly { name: string }[] };
  return runs.map(({ name }) => join(folder, name));
}

const unique = (folders: readonly string[]): string[] => [...new Map(folders.map((folder) => [resolve(folder), folder])).values()];

async function ofVal(folder: string): Promise<Member> {
  if (!(await isRun(folder)))
    throw new UsageError(
      'usage/argument',
      `${folder}: this is not a run`,
      'give runs, or compare bundles on labelled texts with --on FILE.',
    );
  const { run: record, answers, config, log } = await readFinishedRun(folder);
  return {
    name: folder,
    config,
    answers,
    secondsPerText: secondsPerText({ log }),
    ...(record.data.fingerprint.val ? { fingerprint: record.data.fingerprint.val } : {}),
  };
}

function tables({ contenders, against, texts, config, metric }: Comparison): string[] {
  const width = Math.max(...contenders.map(({ name }) => name.length), 6);
  const metrics = Object.keys(contenders[0]!.figures) as (keyof typeof metricTitles)[];
  const line = (name: string, cells: readonly string[]) => [name.padEnd(width), ...cells.map((cell) => cell.padStart(22))].join('  ');
  const shown = (value: number | null) => (value === null || Number.isNaN(value) ? '-' : value.toFixed(4));
  const difference = (low: number | null, value: number, high: number | null, name: keyof typeof metricTitles) =>
    low === null ? '-' : `${signed(value, name)} (${signed(low, name)} ${signed(high, name)})`;
  return [
    `${texts} texts, 95 % intervals`,
    line('', metrics.map((name) => metricTitles[name])), // biome-ignore format: short
    ...contenders.map(
      ({ name, figures }) =>
      line(name, metrics.map((key) => `${shown(figures[key]!.value)} (${shown(figures[key]!.low)} ${shown(figures[key]!.high)})`)), // biome-ignore format: short
    ),
    '',
    ...against.flatMap(({ a, b, differences, sentence, changes }) => [
      `${b} less ${a}`,
      line('', metrics.map((key) => difference(differences[key]!.low, differences[key]!.difference, differences[key]!.high, key))), // biome-ignore format: short
      sentence,
      ...(changes
        ? [`answers: ${changes.same} the same, ${changes.mended} mended, ${changes.broken} broken, ${changes.otherwise} wrong otherwise`]
        : []),
      ...(changes?.examples ?? []).map(
        ({ kind, text, pair, truth, before, after }) =>
          `  ${kind.padEnd(9)} ${truth.join('+')}: ${before.join('+')} -> ${after.join('+')}  ${text}${pair === undefined ? '' : ` | ${pair}`}`,
      ),
      '',
    ]),
    ...(contenders.length === 1
      ? [
          `these are one config with ${contenders[0]!.members.length} seeds: ${metricTitles[metric]} ${contenders[0]!.each.map(shown).join(', ')}`,
        ]
      : contenders.some(({ members }) => members.length === 1)
        ? ['What another seed would give is not in the intervals of single runs: train several (copydesk study) to know.']
        : []),
    ...config.map(({ key, values }) => `${key}: ${values.map((value) => JSON.stringify(value) ?? 'not set').join(' | ')}`),
  ];
}

const examples = `
  $ copydesk compare runs/plain runs/r-drop
  $ copydesk compare runs/plain-1 runs/plain-2 runs/r-drop-1 runs/r-drop-2 --examples 5
  $ copydesk compare runs/headlines-seeds runs/other-seeds --metric auc
  $ copydesk compare bundles/small bundles/large --on test.jsonl --json | jq -r '.against[].sentence'`;
