/** @file `copydesk train`: labelled texts to a run. */
import { join } from 'node:path';
import cliProgress from 'cli-progress';
import { Command } from 'commander';
import {
  comparedFigures,
  type Device,
  type Figures,
  holdOf,
  type Metrics,
  metricTitles,
  metricValue,
  parseConfig,
  type RunEvent,
  type TrainConfig,
  trainRun,
} from '../training/index.js';
import { overridesOf, readConfig, setOption } from './config-option.js';
import { deviceOption, deviceOverrides } from './device-option.js';
import { checkRunOptions, type RunOptions, startOf, stopNotice, whereOf, withRunOptions } from './run-options.js';
import { untilStopped } from './stop-signal.js';
import { print, say, type Terminal } from './terminal.js';

type Options = RunOptions & { readonly set: readonly string[]; readonly device?: Device; readonly json?: true };

export function trainCommand(terminal: Terminal): Command {
  const command = new Command('train')
    .summary('train a classifier on labelled texts')
    .description(
      'Trains as the config says and writes a run: its weights, log, checkpoints and report.html. Ctrl-C stops it with a checkpoint; --resume goes on bit by bit.',
    )
    .argument('<config>', 'JSON file; paths in it are taken from its folder')
    .addOption(setOption())
    .addOption(deviceOption());
  return withRunOptions(command)
    .option('--json', 'print the result as one JSON object')
    .addHelpText('after', examples)
    .action((path: string, options: Options) => run(terminal, path, options));
}

async function run(terminal: Terminal, path: string, options: Options): Promise<void> {
  const { set, json, device } = options;
  checkRunOptions(options);
  const config = parseConfig(await readConfig(path), path, { ...overridesOf(set), ...(await deviceOverrides(device)) });
  const where = whereOf(options, config.name);
  const { folder } = where;
  const progress = stepProgress(terminal);
  let interrupted = false;
  await untilStopped(terminal, stopNotice, async (signal) => {
    for await (const event of trainRun({ config, signal, ...where })) {
      progress(event, config);
      if (event.kind === 'end') interrupted = event.reason === 'interrupted';
      if (event.kind === 'end' && interrupted)
        say(
          terminal,
          `stopped at step ${event.step}. Go on with: npx copydesk train ${join(folder, 'config.json')} --run ${folder} --resume`,
        );
      if (event.kind === 'finished') await tell(terminal, folder, event.finished, config.model, json ?? false);
    }
  });
  if (interrupted) process.exitCode = 1;
}

/** Tells what goes on: a bar where a person is looking, a line at each evaluation everywhere. */
function stepProgress(terminal: Terminal): (event: RunEvent, config: TrainConfig) => void {
  const bar = new cliProgress.SingleBar(
    {
      stream: terminal.stderr,
      clearOnComplete: true,
      hideCursor: true,
      format: 'step {value}/{total} {bar} loss {loss}  rate {rate}  {speed} texts/s  {eta_formatted} left',
    },
    cliProgress.Presets.shades_classic,
  );
  const shown = Boolean(terminal.stderr.isTTY);
  let [loss, texts, since] = [Number.NaN, 0, performance.now()];
  let [sum, steps, rate] = [0, 0, 0]; // since the last evaluation
  const line = (text: string) => {
    if (shown) terminal.stderr.write('\r\x1b[K');
    say(terminal, text);
  };
  return (event, config) => {
    if (event.kind === 'prepared') {
      for (const text of introduction(event, config)) say(terminal, text);
      if (shown) bar.start(event.steps, event.fromStep, { loss: '-', rate: '-', speed: '-' });
      since = performance.now();
    }
    if (event.kind === 'step') {
      loss = Number.isNaN(loss) ? event.loss : 0.95 * loss + 0.05 * event.loss;
      texts += event.texts;
      [sum, steps, rate] = [sum + event.loss, steps + 1, event.learningRate];
      const speed = ((texts * 1000) / (performance.now() - since)).toFixed(0);
      if (shown) bar.update(event.step, { loss: loss.toFixed(4), rate: event.learningRate.toExponential(1), speed });
    }
    if (event.kind === 'evaluation') {
      const best = event.best ? ' (best so far)' : '';
      const course = `mean loss ${(sum / steps).toFixed(4)}, rate ${rate.toExponential(1)}`;
      line(`step ${event.step}, epoch ${event.epoch + 1}: ${course}, val ${figuresOf(event.metrics).join(', ')}${best}`);
      [sum, steps] = [0, 0];
    }
    if (event.kind === 'end' && shown) bar.stop();
    if (event.kind === 'end' && event.reason !== 'interrupted')
      say(terminal, 'fitting temperature and thresholds, computing baselines, writing the report');
  };
}

function introduction(
  { prepared, engine, steps, epochs, averageFrom, fromStep, padding }: Extract<RunEvent, { kind: 'prepared' }>,
  { model }: TrainConfig,
): string[] {
  const { dataset, train, val, parameters, unused, initialised } = prepared;
  const weights = parameters.reduce((sum, { value }) => sum + value.shape.reduce<number>((size, dim) => size * Number(dim), 1), 0);
  const some = (names: readonly string[]) => `${names.slice(0, 6).join(', ')}${names.length > 6 ? ` and ${names.length - 6} more` : ''}`;
  const cut = train.truncated + val.truncated;
  return [
    `${dataset.splits.train.length} texts to train on${train.epochs.size > dataset.splits.train.length ? ` (${train.epochs.size} with their other wordings)` : ''}, ${val.examples.length} to choose by; labels ${dataset.labels.join(', ')}`,
    ...dataset.warnings.map(({ message }) => `warning: ${message}`),
    ...(cut > 0
      ? [`warning: ${cut} texts are longer than ${prepared.config.text.maxTokens} tokens; their ends are not read (text.maxTokens)`]
      : []),
    ...(val.unknown > 0.1
      ? [
          `warning: ${(100 * val.unknown).toFixed(0)} % of the tokens of val are unknown to the vocabulary and read alike. Fix: ${'pretrained' in model ? 'start from a model of their language, or from scratch' : 'train on texts like them'}`,
        ]
      : []),
    `${(weights / 1e6).toFixed(1)} M weights ${startOf(model)}`,
    ...(unused.length > 0 ? [`not used: ${some(unused)}`] : []),
    ...(initialised.length > 0 ? [`newly initialised: ${some(initialised)}`] : []),
    holdOf(prepared).reason,
    ...(averageFrom === null ? [] : [`evaluated and kept is a moving average of the weights, which starts at step ${averageFrom}`]),
    ...(prepared.kept
      ? [
          `what frozen layers make of ${prepared.kept.training ? 'a text' : 'a val text'} is computed once (${(prepared.kept.bytes / 1e6).toFixed(0)} MB)`,
        ]
      : []),
    `${steps} steps in ${epochs} epochs by the ${engine.name} engine on ${engine.device}${fromStep > 0 ? `, going on after step ${fromStep}` : ''}; ${(100 * padding).toFixed(1)} % of what they compute is padding`,
  ];
}

async function tell(
  terminal: Terminal,
  folder: string,
  { val, test, baselines, report, run }: Extract<RunEvent, { kind: 'finished' }>['finished'],
  model: TrainConfig['model'],
  json: boolean,
): Promise<void> {
  if (json) return print(terminal, JSON.stringify({ run: folder, report, best: run.run.best, val, ...(test ? { test } : {}), baselines }));
  const { step, metric, value } = run.run.best;
  const row = (name: string, figures: Metrics | Figures) =>
    `${name.padEnd(28)} ${comparedFigures[val.task].map((of) => `${metricTitles[of]} ${shown(metricValue(figures, of))}`).join('   ')}`;
  await print(terminal, row(`val (step ${step}, ${metric} ${value.toFixed(4)})`, val));
  if (test) await print(terminal, row('test', test));
  await print(terminal, row('baseline: TF-IDF, linear', baselines.tfIdf.figures));
  await print(terminal, row(`baseline: always ${baselines.constant.says}`, baselines.constant.figures));
  for (const advice of behind(val, baselines.tfIdf.figures, model)) say(terminal, advice);
  await print(terminal, `run: ${folder}`);
  await print(terminal, `report: ${report}`);
  say(terminal, `next: npx copydesk export ${folder} --to bundles`);
}

/** What to do about a model that words alone do better than. */
function behind(val: Metrics, baseline: Figures, model: TrainConfig['model']): string[] {
  const [figure] = comparedFigures[val.task];
  const [ours, theirs] = [metricValue(val, figure), metricValue(baseline, figure)];
  if (ours === null || theirs === null || ours >= theirs) return [];
  const fix =
    'pretrained' in model
      ? 'try more training.epochs, or twice the training.learningRate'
      : 'start from a pre-trained model ("model": {"pretrained": "FOLDER"}), or train on more texts';
  return [`the words alone (TF-IDF) do better than this model on val. Fix: ${fix}.`];
}

const figuresOf = (metrics: Metrics): string[] =>
  comparedFigures[metrics.task].map((name) => `${metricTitles[name]} ${shown(metricValue(metrics, name))}`);

const shown = (value: number | null): string => (value === null ? '-' : value.toFixed(4));

const examples = `
  $ copydesk train examples/headlines.json
  $ copydesk train mine.json --set training.epochs=5 --set training.seed=2 --run runs/mine
  $ copydesk train mine.json --run runs/mine --resume
  $ copydesk train mine.json --device tfjs

The least that a config needs:
  { "name": "mine", "data": { "train": "train.jsonl" } }
with one {"text": "...", "label": "..."} a line; docs/config.md has every key. "model": {"pretrained": "FOLDER"} starts from a BERT as Hugging Face saves it,
from a run, or from a bundle such as models/zoo/headlines-en.`;
