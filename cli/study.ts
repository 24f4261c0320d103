/** @file `copydesk study`: how far the figures of a config hang on the seed, or on which texts are held out. */
import { join } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../models/index.js';
import {
  foldRules,
  metricTitles,
  parseConfig,
  planFolds,
  planSeeds,
  type SplitBy,
  type StudyResult,
  writeStudy,
} from '../training/index.js';
import { overridesOf, readConfig, setOption } from './config-option.js';
import { carryOutAll, wholeNumbers } from './several-runs.js';
import { print, say, type Terminal } from './terminal.js';

type Options = {
  readonly seeds?: string;
  readonly folds?: string;
  readonly by?: string;
  readonly to?: string;
  readonly set: readonly string[];
  readonly json?: true;
};

export function studyCommand(terminal: Terminal): Command {
  return new Command('study')
    .summary('train a config with several seeds, or on several folds')
    .description(
      'Trains one config several times, with other seeds (--seeds) or on other parts of its texts (--folds, cross-validation), and says how far the figures differ: mean, deviation, least and most, and 95 % intervals. Every run is a run folder like any other. Ctrl-C stops it with a checkpoint; the same command goes on, and repeats nothing.',
    )
    .argument('<config>', 'JSON file as `copydesk train` takes it')
    .option('--seeds <list>', 'a run for each of these seeds, e.g. 1,2,3')
    .option('--folds <count>', 'a run for each of so many folds of the texts of data.train and data.val together')
    .option('--by <how>', 'with --folds: label, random, group or time; default: as data.split.by says, else by group where texts have one')
    .option('--to <folder>', 'where the runs are written; default runs/NAME-seeds or runs/NAME-folds')
    .addOption(setOption())
    .option('--json', 'print the result as one JSON object')
    .addHelpText('after', examples)
    .action((path: string, options: Options) => run(terminal, path, options));
}

async function run(terminal: Terminal, path: string, { seeds, folds, by, to, set, json }: Options): Promise<void> {
  if ((seeds === undefined) === (folds === undefined))
    throw new UsageError('usage/argument', 'a study needs --seeds or --folds, one of them', 'write --seeds 1,2,3 or --folds 5.');
  if (by !== undefined && folds === undefined) throw new UsageError('usage/argument', '--by: there are no folds', 'add --folds 5.');
  const config = parseConfig(await readConfig(path), path, overridesOf(set));
  const kind = seeds === undefined ? 'folds' : 'seeds';
  const folder = to ?? join('runs', `${config.name}-${kind}`);
  const plan =
    seeds === undefined
      ? await planFolds(config, folder, foldCount(folds!), ruleNamed(by))
      : { runs: planSeeds(config, wholeNumbers('--seeds', seeds, 0)) };
  const dealt = 'by' in plan ? `: ${plan.texts} texts dealt by ${plan.by}` : '';
  say(terminal, `${plan.runs.length} runs below ${folder}${dealt}`);
  const failed = await carryOutAll(terminal, folder, plan.runs);
  if (!failed) return;
  say(terminal, 'computing intervals, writing study.json and study.html');
  const names = plan.runs.map(({ name }) => name);
  const { result, page } = await writeStudy({ folder, kind, names, failed, ...('by' in plan ? { by: plan.by } : {}) });
  await print(terminal, json ? JSON.stringify({ folder, page, ...result }) : table(result, page));
  if (failed.length > 0) process.exitCode = 1;
}

function foldCount(text: string): number {
  const [count = 0, ...others] = wholeNumbers('--folds', text, 2);
  if (others.length === 0) return count;
  throw new UsageError('usage/argument', `--folds ${text}: more than one number`, 'write it as --folds 5.');
}

function ruleNamed(by: string | undefined): SplitBy | undefined {
  const rule = foldRules.find((one) => one === by);
  if (rule || by === undefined) return rule;
  throw new UsageError('usage/argument', `--by ${by}: not a way to make folds`, `use one of ${foldRules.join(', ')}.`);
}

function table({ summary, intervals, runs }: StudyResult, page: string): string {
  const line = (...cells: readonly string[]) => cells.map((cell, i) => (i === 0 ? cell.padEnd(24) : cell.padStart(9))).join('  ');
  const rows = Object.entries(summary).flatMap(([split, spreads]) =>
    Object.entries(intervals).flatMap(([metric, { low, high }]) => {
      const spread = spreads[metric];
      if (!spread) return [];
      const interval = split === 'val' && low !== null && high !== null ? `${low.toFixed(4)} to ${high.toFixed(4)}` : '';
      const { mean, deviation, min, max } = spread;
      const title = metricTitles[metric as keyof typeof metricTitles];
      return [`${line(`${split} ${title}`, ...[mean, deviation, min, max].map((value) => value?.toFixed(4) ?? '-'))}  ${interval}`];
    }),
  );
  return [
    `${line(`${runs.length} runs`, 'mean', 'deviation', 'least', 'most')}  95 % interval`,
    ...rows.map((row) => row.trimEnd()),
    `page: ${page}`,
  ].join('\n');
}

const examples = `
  $ copydesk study examples/headlines.json --seeds 1,2,3
  $ copydesk study mine.json --folds 5 --to runs/mine-folds --set training.epochs=3
  $ copydesk study mine.json --folds 4 --by time --json | jq .summary.val.macroF1.mean

The runs can be used like others: copydesk compare runs/headlines-seeds/seed-1 runs/other, copydesk export runs/headlines-seeds/seed-2 --to bundles.`;
