/** @file `copydesk ablate`: what each trick of a config is worth. */
import { join } from 'node:path';
import { Command } from 'commander';
import {
  type AblationResult,
  ablationRuns,
  judgement,
  metricTitles,
  parseConfig,
  planAblation,
  signed,
  tricks,
  writeAblation,
} from '../training/index.js';
import { overridesOf, readConfig, setOption } from './config-option.js';
import { carryOutAll, wholeNumbers } from './several-runs.js';
import { print, say, type Terminal } from './terminal.js';

type Options = {
  readonly only?: string;
  readonly add?: true;
  readonly seeds?: string;
  readonly to?: string;
  readonly set: readonly string[];
  readonly json?: true;
};

export function ablateCommand(terminal: Terminal): Command {
  return new Command('ablate')
    .summary('switch the tricks of a config one at a time')
    .description(
      'Trains the config as it is, and once more for each trick that it turns on, with that one turned off (with --add: for each that it does not, turned on). Says what each is worth on val, with a paired 95 % interval, and what it costs in training time. Every run is a run folder like any other. Ctrl-C stops it with a checkpoint; the same command goes on, and repeats nothing.',
    )
    .argument('<config>', 'JSON file as `copydesk train` takes it')
    .option('--only <keys>', 'switch these tricks, separated by commas; whole keys or their last part')
    .option('--add', 'turn tricks on that the config leaves off')
    .option('--seeds <list>', 'every variant with each of these seeds, e.g. 1,2,3; default: the seed of the config')
    .option('--to <folder>', 'where the runs are written; default runs/NAME-ablation')
    .addOption(setOption())
    .option('--json', 'print the result as one JSON object')
    .addHelpText('after', examples)
    .action((path: string, options: Options) => run(terminal, path, options));
}

async function run(terminal: Terminal, path: string, { only, add, seeds: given, to, set, json }: Options): Promise<void> {
  const text = await readConfig(path);
  const overrides = overridesOf(set);
  const plan = planAblation((changed) => parseConfig(text, path, { ...overrides, ...changed }), {
    mode: add ? 'add' : 'remove',
    ...(only === undefined ? {} : { only: only.split(',').map((key) => key.trim()) }),
  });
  const { config } = plan.base;
  const seeds = given === undefined ? [config.training.seed] : wholeNumbers('--seeds', given, 0);
  const folder = to ?? join('runs', `${config.name}-ablation`);
  const runs = ablationRuns(plan, seeds);
  say(terminal, `${runs.length} runs below ${folder}: ${plan.base.name}, ${plan.variants.map(({ name }) => name).join(', ')}`);
  const failed = await carryOutAll(terminal, folder, runs);
  if (!failed) return;
  say(terminal, 'computing intervals, writing ablation.json and ablation.html');
  const { result, page } = await writeAblation({ folder, plan, seeds, failed });
  await print(terminal, json ? JSON.stringify({ folder, page, ...result }) : table(result, page));
  if (failed.length > 0) process.exitCode = 1;
}

function table({ base, rows, metric }: AblationResult, page: string): string {
  const width = Math.max(...rows.map(({ key }) => key.length), 12);
  const line = (...[key = '', ...cells]: readonly string[]) => [key.padEnd(width), ...cells.map((cell) => cell.padStart(8))].join('  ');
  return [
    `${metricTitles[metric]} of ${base.name}: ${base.figure?.mean.toFixed(4) ?? '-'}`,
    `${line('trick', 'worth', 'time')}  95 % interval`,
    ...rows.map(({ key, worth, cost }) => {
      const { difference, low, high } = worth;
      return `${line(key, signed(difference, metric), cost === null ? '-' : `x ${cost.toFixed(2)}`)}  ${signed(low, metric)} to ${signed(high, metric)}: ${judgement(worth, metric)}`;
    }),
    `page: ${page}`,
  ].join('\n');
}

const examples = `
  $ copydesk ablate mine.json --seeds 1,2,3
  $ copydesk ablate mine.json --only rDrop,training.ema --to runs/two-tricks
  $ copydesk ablate examples/headlines.json --add --only rDrop,adversarial --json | jq '.rows[] | {key, worth, cost}'

The tricks:
${tricks.map(({ key, what }) => `  ${key.padEnd(36)} ${what}`).join('\n')}`;
