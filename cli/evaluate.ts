/** @file `copydesk evaluate`: how good a bundle, or the run it came from, is on labelled texts. */
import { Command } from 'commander';
import { nearest, type TextInput, UsageError } from '../models/index.js';
import { computeMetrics, type Metrics, type RawExample, readExamples } from '../training/index.js';
import { openClassifier } from './open-classifier.js';
import { progressBar } from './progress.js';
import { print, say, type Terminal } from './terminal.js';

/** The figures, and how many texts were cut because they were too long. */
export type Evaluation = Metrics & { readonly truncated: number };

export function evaluateCommand(terminal: Terminal): Command {
  return new Command('evaluate')
    .summary('measure a bundle or a run on labelled texts')
    .description(
      'Accuracy, macro and per-label F1, AUC, standardised partial AUC (false positive rate up to .1) and calibration error. A run and its bundle go through the same code and give the same figures.',
    )
    .argument('<bundle-or-run>', 'folder that `copydesk export` or `copydesk train` wrote')
    .argument('<file>', 'labelled texts: .jsonl, .ndjson, .json, .csv or .tsv, each also .gz')
    .option('--json', 'print the figures as one JSON object')
    .addHelpText('after', examples)
    .action(async (folder: string, file: string, { json }: { json?: true }) => {
      const evaluation = await evaluateFile(terminal, folder, file);
      await print(terminal, json ? JSON.stringify(evaluation) : table(evaluation));
    });
}

/** @throws UsageError `data/*` for the file, with the line of a label that the model does not have */
export async function evaluateFile(terminal: Terminal, folder: string, file: string): Promise<Evaluation> {
  const { rules, kind, classifier, close } = await openClassifier(folder);
  const { labels, activation, temperature, name, version } = rules;
  const examples = await readExamples(file);
  const truth = examples.map((example) => labelIndex(example, labels, file));
  say(terminal, `evaluating ${kind === 'run' ? `the run ${name}` : `${name}@${version}`} on ${examples.length} texts of ${file}`);
  const bar = progressBar(terminal, 'evaluating', 'texts');
  const inputs = examples.map(({ text, pair }): TextInput => (pair === undefined ? text : [text, pair]));
  const { logits, truncated } = await classifier.logits(inputs, { onProgress: bar.update }).finally(bar.stop);
  await close();
  return { ...computeMetrics({ labels, activation, temperature, logits, truth }), truncated: truncated.filter(Boolean).length };
}

function labelIndex({ label, line }: RawExample, labels: readonly string[], file: string): number {
  const index = labels.indexOf(label);
  if (index >= 0) return index;
  const meant = nearest(label, labels);
  const fix = meant === undefined ? `use one of [${labels.join(', ')}].` : `did you mean ${JSON.stringify(meant)}?`;
  throw new UsageError('data/invalid', `${file}:${line}: the model has no label ${JSON.stringify(label)}`, fix);
}

function table({ examples: count, macroF1, accuracy, auc, spauc, ece, perClass, confusion, truncated }: Evaluation): string {
  const names = Object.keys(perClass);
  const width = Math.max(...names.map((name) => name.length), 'macro F1'.length);
  const line = (name: string, ...cells: (number | string | null)[]): string =>
    [name.padEnd(width), ...cells.map((cell) => show(cell).padStart(9))].join('  ');
  return [
    line('texts', String(count)),
    ...(truncated > 0 ? [line('cut short', String(truncated))] : []),
    ...Object.entries({ 'macro F1': macroF1, accuracy, AUC: auc, spAUC: spauc, ECE: ece }).map(([name, value]) => line(name, value)),
    '',
    line('label', 'precision', 'recall', 'F1', 'texts'),
    ...Object.entries(perClass).map(([name, { precision, recall, f1, support }]) => line(name, precision, recall, f1, String(support))),
    '',
    `${line('truth', ...names.map((name) => name.slice(0, 9)))}   (columns: answers)`,
    ...confusion.map((row, i) => line(names[i]!, ...row.map(String))),
  ].join('\n');
}

const show = (cell: number | string | null): string => (cell === null ? '-' : typeof cell === 'string' ? cell : cell.toFixed(4));

const examples = `
  $ copydesk evaluate bundles/headlines examples/headlines.val.jsonl
  $ copydesk evaluate runs/headlines examples/headlines.val.jsonl --json | jq .macroF1`;
