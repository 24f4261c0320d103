/** @file `copydesk import`: a classifier that was trained elsewhere to a bundle. */
import { basename, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { type Foreign, type Imported, importModel, type Labelled, readForeign } from '../export/index.js';
import { UsageError } from '../models/index.js';
import { type Fields, readExamples, type Task } from '../training/index.js';
import { filesOf, stepBars } from './export.js';
import { fieldsOption } from './fields-option.js';
import { targetsOf } from './targets.js';
import { print, say, type Terminal } from './terminal.js';

type Options = {
  readonly to: string;
  readonly calibrate?: string;
  readonly name?: string;
  readonly labels?: string;
  readonly task?: Task;
  readonly maxTokens?: string;
  readonly hold?: string;
  readonly rename?: string;
  readonly fields?: Fields;
  readonly precision: string;
  readonly keepFp32?: string;
  readonly license?: string;
  readonly notice?: string;
  readonly overwrite?: boolean;
  readonly json?: true;
};

const tasks: readonly Task[] = ['single-label', 'multi-label', 'regression'];

export function importCommand(terminal: Terminal): Command {
  return new Command('import')
    .summary('bring in a classifier that was trained elsewhere')
    .description(
      'Reads a sequence-classification model as Hugging Face saves it (BERT, DistilBERT, RoBERTa and XLM-RoBERTa, safetensors), fits temperature and thresholds on labelled texts, and writes it as a bundle that is verified, served and explained like one that was trained here.',
    )
    .argument('<folder>', 'folder with config.json, model.safetensors (or its shards) and the tokenizer')
    .requiredOption('--to <dir>', 'folder of models; the bundle becomes NAME/VERSION in it')
    .option('--calibrate <file>', 'labelled texts: .jsonl, .json, .csv, .tsv, .parquet, each but the last also .gz')
    .option('--name <name>', 'name of the bundle (default: that of the folder)')
    .option('--labels <list>', 'names of the labels in the order of the model, in place of its own, e.g. ok,toxic')
    .addOption(new Option('--task <task>', 'what the outputs are, where config.json does not say it').choices(tasks))
    .option('--rename <list>', 'labels of the file that the model knows by another name, e.g. 0=ok,1=toxic')
    .option('--hold <list>', 'labels that hold a text back (default: those whose name does not say that nothing is wrong)')
    .option('--max-tokens <n>', 'tokens read of each text (default: as many as the model was made for)')
    .addOption(fieldsOption())
    .option('--precision <list>', 'model files to write, of fp32, int8 and fp16, separated by commas', 'fp32')
    .option('--keep-fp32 <names>', 'layers that int8 leaves alone, as `copydesk export` has it; or auto')
    .option('--license <id>', 'license of the model, as it goes into the bundle')
    .option('--notice <text>', 'what those who use the model must be told')
    .option('--overwrite', 'replace a different bundle of the same name and version')
    .option('--json', 'print {"folder", "name", "version", "labels", "metrics", "parity"} instead of the folder')
    .addHelpText('after', examples)
    .action(async (folder: string, options: Options) => {
      const foreign = await readForeign(folder, {
        labels: options.labels?.split(','),
        task: options.task,
        maxTokens: options.maxTokens === undefined ? undefined : tokens(options.maxTokens),
      });
      const labelled = options.calibrate === undefined ? undefined : await readLabelled(options.calibrate, foreign, options);
      introduce(terminal, foreign, labelled, options.calibrate);
      const imported = await bringIn(terminal, foreign, labelled, options);
      conclude(terminal, imported);
      const { folder: written, manifest } = imported.bundle;
      const { name, version, labels, metrics, parity } = manifest;
      await print(terminal, options.json ? JSON.stringify({ folder: written, name, version, labels, metrics, parity }) : written);
    });
}

async function bringIn(terminal: Terminal, foreign: Foreign, labelled: Labelled | undefined, options: Options): Promise<Imported> {
  const { license, notice } = options;
  const bars = stepBars(terminal);
  return importModel(foreign, {
    name: options.name ?? nameOf(foreign.folder),
    ...filesOf(options),
    labelled,
    license,
    notice,
    onAnswered: (done, total) => bars.update(done, total, 'answering'),
    onProgress: bars.update,
  }).finally(bars.stop);
}

/** @throws UsageError `data/*` for the file, with the line of a label that the model does not have */
async function readLabelled(file: string, { task, labels }: Foreign, { fields = {}, rename: list, hold }: Options): Promise<Labelled> {
  const rename = list === undefined ? {} : renamings(list);
  const given = await readExamples(file, { task, fields });
  const { targets } = targetsOf(given, { file, task, labels, input: 'any', rename });
  const held = hold?.split(',').filter((label) => label !== '');
  const stranger = held?.find((label) => !labels.includes(label));
  if (stranger !== undefined)
    throw new UsageError('usage/argument', `--hold: the model has no label ${JSON.stringify(stranger)}`, `it has ${labels.join(', ')}.`);
  return { examples: given, targets, rename, hold: held };
}

function renamings(list: string): Readonly<Record<string, string>> {
  const pairs = list.split(',').map((one) => one.split(/=(.*)/).slice(0, 2));
  const odd = pairs.findIndex(([theirs = '', ours = '']) => theirs === '' || ours === '');
  if (odd < 0) return Object.fromEntries(pairs);
  throw new UsageError(
    'usage/argument',
    `--rename: ${JSON.stringify(list.split(',')[odd])} renames nothing`,
    'write THEIRS=OURS, e.g. 1=toxic.',
  );
}

function tokens(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 2) return count;
  throw new UsageError('usage/argument', `--max-tokens: ${JSON.stringify(text)} is no number of tokens`, 'give a whole number from 2 on.');
}

/** A folder's name as a bundle may be called. */
const nameOf = (folder: string): string =>
  basename(resolve(folder))
    .replace(/[^a-z0-9._-]+/gi, '-')
    .replace(/^[^a-z0-9]+/i, '') || 'imported';

function introduce(terminal: Terminal, foreign: Foreign, labelled: Labelled | undefined, file: string | undefined): void {
  const { modelType, labels, leftOut, maxTokens } = foreign;
  say(terminal, `importing ${foreign.folder}: ${modelType}, ${labels.length} labels (${labels.join(', ')}), ${maxTokens} tokens a text`);
  if (leftOut.length > 0) say(terminal, `left out, as they do not classify: ${leftOut.join(', ')}`);
  if (labels.every((label) => /^LABEL_\d+$/.test(label))) say(terminal, 'its labels have no names; --labels gives them some');
  if (labelled) say(terminal, `calibrating on ${labelled.examples.length} texts of ${file}`);
  else say(terminal, 'not calibrated: scores are as the model gives them, and no text is held back; --calibrate names labelled texts');
}

function conclude(terminal: Terminal, { bundle: { manifest }, calibration, cutOtherwise }: Imported): void {
  if (calibration) say(terminal, calibration.holdReason);
  if (cutOtherwise.length > 0)
    say(
      terminal,
      `a browser cuts ${cutOtherwise.length} of the texts that bundles carry otherwise than this program: ${cutOtherwise.map((text) => JSON.stringify(text.slice(0, 40))).join(', ')}`,
    );
  for (const [precision, { texts, maxLogitDifference, labelAgreement }] of Object.entries(manifest.parity))
    say(
      terminal,
      `${manifest.name}@${manifest.version}: ${precision} answers ${(100 * labelAgreement).toFixed(2)} % of ${texts} texts as the model did, logits within ${maxLogitDifference.toExponential(1)}`,
    );
}

const examples = `
  $ copydesk import downloads/toxic-roberta --calibrate ours.jsonl --labels ok,toxic --to bundles
  bundles/toxic-roberta/3f1c9a0b52de
  $ copydesk evaluate bundles/toxic-roberta test.jsonl
  $ copydesk serve --models bundles`;
