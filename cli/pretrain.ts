/** @file `copydesk pretrain`: unlabelled texts to a language model. */
import { join } from 'node:path';
import { Command } from 'commander';
import { type Device, type PretrainConfig, type PretrainEvent, parsePretrainConfig, pretrainRun } from '../training/index.js';
import { overridesOf, readConfig, setOption } from './config-option.js';
import { deviceOption, deviceOverrides } from './device-option.js';
import { progressBar } from './progress.js';
import { checkRunOptions, type RunOptions, startOf, stopNotice, whereOf, withRunOptions } from './run-options.js';
import { untilStopped } from './stop-signal.js';
import { print, say, type Terminal } from './terminal.js';

type Options = RunOptions & { readonly set: readonly string[]; readonly device?: Device; readonly json?: true };

export function pretrainCommand(terminal: Terminal): Command {
  const command = new Command('pretrain')
    .summary('train a language model on texts without labels')
    .description(
      'Trains a BERT by masked words, or a GPT-2 by the word that follows, on texts without labels, from scratch or from a model that there is. The result is a folder as Hugging Face saves it, which "model.pretrained" of a training config starts from. Ctrl-C stops it with a checkpoint; --resume goes on bit by bit.',
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
  const config = parsePretrainConfig(await readConfig(path), path, { ...overridesOf(set), ...(await deviceOverrides(device)) });
  const where = whereOf(options, config.name);
  const { folder } = where;
  const tell = teller(terminal, folder, json ?? false);
  let interrupted = false;
  await untilStopped(terminal, stopNotice, async (signal) => {
    for await (const event of pretrainRun({ config, signal, ...where })) {
      await tell(event);
      interrupted ||= event.kind === 'end' && event.reason === 'interrupted';
    }
  });
  if (interrupted) process.exitCode = 1;
}

/** A bar where a person is looking, a line at each evaluation everywhere. */
function teller(terminal: Terminal, folder: string, json: boolean): (event: PretrainEvent) => Promise<void> {
  const bar = progressBar(terminal, 'pre-training', 'steps');
  let [loss, total] = [Number.NaN, 0];
  return async (event) => {
    if (event.kind === 'prepared') {
      for (const text of introduction(event)) say(terminal, text);
      total = event.steps;
    }
    if (event.kind === 'step') {
      loss = Number.isNaN(loss) ? event.loss : 0.95 * loss + 0.05 * event.loss;
      bar.update(event.step, total);
    }
    if (event.kind === 'evaluation') {
      const { loss: valLoss, perplexity, accuracy } = event.told;
      const figures = `val loss ${valLoss.toFixed(4)}, perplexity ${perplexity.toFixed(1)}, ${share(accuracy)} told rightly`;
      say(
        terminal,
        `step ${event.step}, epoch ${event.epoch + 1}: loss ${loss.toFixed(4)}, ${figures}${event.best ? ' (best so far)' : ''}`,
      );
    }
    if (event.kind === 'end') {
      bar.stop();
      if (event.reason === 'interrupted')
        say(
          terminal,
          `stopped at step ${event.step}. Go on with: npx copydesk pretrain ${join(folder, 'config.json')} --run ${folder} --resume`,
        );
    }
    if (event.kind === 'finished') await finished(terminal, folder, event, json);
  };
}

function introduction({ prepared, engine, steps, fromStep }: Extract<PretrainEvent, { kind: 'prepared' }>): readonly string[] {
  const { config, texts, train, val, parameters, vocabulary, language, guess, unused, initialised } = prepared;
  const weights = parameters.reduce((sum, { value }) => sum + value.shape.reduce<number>((size, dim) => size * Number(dim), 1), 0);
  const some = (names: readonly string[]) => `${names.slice(0, 6).join(', ')}${names.length > 6 ? ` and ${names.length - 6} more` : ''}`;
  return [
    `${texts.train.length} texts to learn from (${train.length} rows of tokens), ${texts.val.length} to measure by (${val.length} rows)`,
    ...(texts.repeated + texts.heldOut > 0 ? [`left out: ${texts.repeated} repetitions, ${texts.heldOut} held-out texts`] : []),
    `${(weights / 1e6).toFixed(1)} M weights ${startOf(config.model)}, ${vocabulary.pieces.length} word pieces`,
    ...(unused.length > 0 ? [`not used: ${some(unused)}`] : []),
    ...(initialised.length > 0 ? [`newly initialised: ${some(initialised)}`] : []),
    ...wordsMasked(config, language),
    `without a model, by how often each token comes: val loss ${guess.loss.toFixed(4)}, ${share(guess.accuracy)} told rightly`,
    `${steps} steps in ${config.training.epochs} epochs by the ${engine.name} engine on ${engine.device}${fromStep > 0 ? `, going on after step ${fromStep}` : ''}`,
  ];
}

function wordsMasked({ masking }: PretrainConfig, language: 'en' | 'zh' | undefined): readonly string[] {
  if (!masking) return [];
  const units = { en: 'whole words', zh: 'whole words, Chinese ones as jieba finds them' };
  return [`masked: ${share(masking.rate)} of the tokens, ${language ? units[language] : 'each for itself'}`];
}

async function finished(
  terminal: Terminal,
  folder: string,
  { model, report, step, told }: Extract<PretrainEvent, { kind: 'finished' }>,
  json: boolean,
): Promise<void> {
  if (json) return print(terminal, JSON.stringify({ run: folder, model, report, step, ...told }));
  const { loss, perplexity, accuracy } = told;
  await print(
    terminal,
    `val (step ${step}): loss ${loss.toFixed(4)}, perplexity ${perplexity.toFixed(1)}, ${share(accuracy)} told rightly`,
  );
  await print(terminal, `model: ${model}`);
  await print(terminal, `report: ${report}`);
  say(terminal, `next: "model": { "pretrained": ${JSON.stringify(model)} } in a training config`);
}

const share = (value: number): string => `${(100 * value).toFixed(1)} %`;

const examples = `
  $ copydesk pretrain mine.json --run runs/words
  $ copydesk pretrain mine.json --set training.epochs=5 --set model.layers=4
  $ copydesk pretrain mine.json --run runs/words --resume

The least that a config needs:
  { "name": "words", "data": { "texts": "posts.jsonl" } }
with one {"text": "..."} a line; docs/pretrain.md has every key. "model": {"kind": "gpt2"} makes a model that writes (copydesk generate).`;
