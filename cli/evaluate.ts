/** @file `copydesk evaluate`: how good a bundle, or the run it came from, is on labelled texts. */
import { Command } from 'commander';
import type { WantedPrecision } from '../models/index.js';
import { computeMetrics, type Fields, type Metrics, readExamples, taskOf } from '../training/index.js';
import { fieldsOption } from './fields-option.js';
import { figuresTable } from './figures-table.js';
import { openClassifier } from './open-classifier.js';
import { type PrecisionOption, precisionOption } from './precision-option.js';
import { progressBar } from './progress.js';
import { targetsOf } from './targets.js';
import { print, say, type Terminal } from './terminal.js';

/** The figures, the labels in the model's order, which a confusion matrix has, and how many texts were cut because they were too long. */
export type Evaluation = Metrics & { readonly labels: readonly string[]; readonly truncated: number };

export type EvaluateOptions = { readonly fields?: Fields; readonly precision?: WantedPrecision };

export function evaluateCommand(terminal: Terminal): Command {
  return new Command('evaluate')
    .summary('measure a bundle or a run on labelled texts')
    .description(
      'Accuracy, macro and per-label F1, AUC, standardised partial AUC (false positive rate up to .1) and calibration error; of a regression correlations and errors. A run and its bundle go through the same code and give the same figures.',
    )
    .argument('<bundle-or-run>', 'folder that `copydesk export` or `copydesk train` wrote')
    .argument('<file>', 'labelled texts: .jsonl, .ndjson, .json, .csv or .tsv, each also .gz')
    .addOption(fieldsOption())
    .addOption(precisionOption())
    .option('--json', 'print the figures as one JSON object')
    .addHelpText('after', examples)
    .action(async (folder: string, file: string, { json, fields, precision }: PrecisionOption & { json?: true; fields?: Fields }) => {
      const evaluation = await evaluateFile(terminal, folder, file, { ...(fields ? { fields } : {}), precision });
      await print(terminal, json ? JSON.stringify(evaluation) : figuresTable(evaluation, evaluation));
    });
}

/** @throws UsageError `data/*` for the file, with the line of a label that the model does not have */
export async function evaluateFile(
  terminal: Terminal,
  folder: string,
  file: string,
  { fields = {}, precision }: EvaluateOptions = {},
): Promise<Evaluation> {
  const { rules, text, rename, kind, classifier, close } = await openClassifier(folder, { precision, say: (what) => say(terminal, what) });
  const { labels, temperature, thresholds, name, version } = rules;
  const task = taskOf(rules.activation);
  const examples = await readExamples(file, { task, fields });
  const { inputs, targets } = targetsOf(examples, { file, task, labels, input: text.input, rename });
  say(terminal, `evaluating ${kind === 'run' ? `the run ${name}` : `${name}@${version}`} on ${examples.length} texts of ${file}`);
  const bar = progressBar(terminal, 'evaluating', 'texts');
  const { logits, truncated } = await classifier.logits(inputs, { onProgress: bar.update }).finally(bar.stop);
  await close();
  const metrics = computeMetrics({ task, labels, temperature, thresholds, logits, targets });
  return { ...metrics, labels, truncated: truncated.filter(Boolean).length };
}

const examples = `
  $ copydesk evaluate bundles/headlines examples/headlines.val.jsonl
  $ copydesk evaluate runs/headlines examples/headlines.val.jsonl --json | jq .macroF1`;
