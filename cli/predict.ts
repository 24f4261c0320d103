/** @file `copydesk predict`: texts in, verdicts out, in order, whatever their number. */
import { Command } from 'commander';
import { inputProblem, toVerdict, UsageError } from '../models/index.js';
import { type AnswerRows, acceptable, askedOf, chunksOf, runChunks } from '../serving/index.js';
import { fieldsOption } from './fields-option.js';
import { inputFile } from './input-file.js';
import { openClassifier } from './open-classifier.js';
import { type PrecisionOption, precisionOption } from './precision-option.js';
import { longProgress } from './progress.js';
import { scanInputs } from './read-inputs.js';
import { untilStopped } from './stop-signal.js';
import { type AnswerOptions, formats, writeAnswers } from './submission.js';
import { say, type Terminal } from './terminal.js';

export function predictCommand(terminal: Terminal): Command {
  return new Command('predict')
    .summary('classify the texts of a file or of stdin')
    .description(
      'Reads one text a line and writes one verdict a line, in the same order. A line is an object with "text" (and "pair" for pair models), or a JSON string. Other fields of an object are kept, unless a field of the verdict has the same name.',
    )
    .argument('<bundle>', 'folder of a bundle, or of a finished run')
    .argument('[file]', 'JSON lines, CSV or TSV (each also .gz), or .txt with a text a line; - is stdin, as JSON lines', '-')
    .option('--format <name>', `what is written: ${formats.join(', ')} (see below)`, 'jsonl')
    .addOption(fieldsOption())
    .addOption(precisionOption())
    .option('--ids <fields>', 'write these fields of each text instead of its text, e.g. q_id,r_id')
    .option('--label <name>', 'with --format submission: whose score is the column; default the second of two labels')
    .option('--to <file>', 'write a file instead of stdout; FILE.zip holds it zipped. It is there when all is in it')
    .option('--resume', 'with --to: go on where the last one was stopped or killed; begin where there was none')
    .option('--bad-lines <file>', 'write lines that are no texts there, with what is wrong, instead of stopping at the first')
    .addHelpText('after', examples)
    .action((folder: string, file: string, options: AnswerOptions & PrecisionOption) => predict(terminal, folder, file, options));
}

async function predict(terminal: Terminal, folder: string, file: string, options: AnswerOptions & PrecisionOption): Promise<void> {
  checkOptions(file, options);
  const {
    rules,
    text: reads,
    classifier,
    fingerprint,
    close,
  } = await openClassifier(folder, { precision: options.precision, say: (what) => say(terminal, what) });
  const answer: AnswerRows = async ({ rows }) => {
    const { logits, truncated } = await classifier.logits(rows.map(askedOf));
    return logits.map((row, i) => toVerdict(rules, row, truncated[i]));
  };
  const input = options.to === undefined || file === '-' ? undefined : await inputFile(file);
  const path = file === '-' ? 'stdin' : file;
  try {
    const task = input ? { input: input.sha256, bundle: fingerprint } : {};
    const work = (signal: AbortSignal | undefined) =>
      writeAnswers(
        terminal,
        options,
        rules,
        async ({ layout, output }) => {
          const { rows: skip } = output.at;
          if (skip > 0) say(terminal, `going on after ${skip} lines of ${file}`);
          const inputs = acceptable(path, scanInputs(file, terminal.stdin, options.fields), (row) =>
            inputProblem(askedOf(row), reads.input),
          );
          const progress = longProgress(terminal, 'answered', 'lines', input?.lines);
          const chunks = chunksOf(inputs, { skip, onBad: options.badLines === undefined ? 'stop' : 'aside' });
          const onProgress = () => (input ? progress.update(output.at.rows) : undefined);
          await runChunks({ chunks, answer, layout, output, signal, onProgress }).finally(progress.stop);
          if (output.at.bad > 0) say(terminal, `${output.at.bad} lines are no texts and were put into ${options.badLines}`);
        },
        task,
      );
    if (!input) await work(undefined);
    else await untilStopped(terminal, 'stopping; --resume goes on from here', (signal) => work(signal).catch(stopped(signal)));
  } finally {
    await close();
  }
}

/** A signal ends the program as signals do, not as a fault. */
function stopped(signal: AbortSignal) {
  return (error: unknown): void => {
    if (!signal.aborted) throw error;
    process.exitCode = 130;
  };
}

function checkOptions(file: string, { to, resume = false, badLines }: AnswerOptions): void {
  const wrong = (what: string, fix: string) => new UsageError('usage/argument', what, fix);
  if (badLines !== undefined && to === undefined) throw wrong('--bad-lines without --to', 'name a file for the answers too, with --to.');
  if (!resume) return;
  if (to === undefined) throw wrong('--resume: what went to stdout cannot be gone on with', 'name a file with --to.');
  if (file === '-') throw wrong('--resume: stdin cannot be read again', 'put the texts into a file, and name it.');
}

const examples = `
  $ echo '{"text": "Ten tricks that bakers never tell you", "id": 7}' | copydesk predict bundles/headlines
  $ copydesk predict bundles/headlines stories.jsonl.gz > verdicts.jsonl
  $ copydesk predict bundles/headlines archive.csv.gz --to verdicts.jsonl --bad-lines bad.jsonl --resume
  $ copydesk predict bundles/headlines stories.txt | jq -r 'select(.decision != "publish") | .text'

Formats: jsonl has the fields of each text and its verdict; csv the text or --ids, the answer and every score; submission one score a line and no
header, or with --ids the ids and the label, separated by tabs.
  $ copydesk predict bundles/pairs test.jsonl --format submission --label 1 --to submission.zip
  $ copydesk predict bundles/pairs test.jsonl --format submission --ids q_id,r_id --fields text=question,pair=reply > submission.tsv`;
