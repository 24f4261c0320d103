/** @file `copydesk predict`: texts in, verdicts out, in order, whatever their number. */
import { Command } from 'commander';
import { inputProblem, type TextInput, type TextRules, toVerdict, UsageError } from '../models/index.js';
import { fieldsOption } from './fields-option.js';
import { openClassifier } from './open-classifier.js';
import { type Input, readInputs } from './read-inputs.js';
import { type AnswerOptions, formats, writeAnswers } from './submission.js';
import type { Terminal } from './terminal.js';

/** Texts read ahead: enough to pack batches of like length, little enough for any memory. */
const windowTexts = 512;

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
    .option('--ids <fields>', 'write these fields of each text instead of its text, e.g. q_id,r_id')
    .option('--label <name>', 'with --format submission: whose score is the column; default the second of two labels')
    .option('--to <file>', 'write a file instead of stdout; FILE.zip holds it zipped')
    .addHelpText('after', examples)
    .action(async (folder: string, file: string, options: AnswerOptions) => {
      const { rules, text: reads, classifier, close } = await openClassifier(folder);
      await writeAnswers(terminal, options, rules, async (write) => {
        for await (const inputs of windows(accepted(readInputs(file, terminal.stdin, options.fields), reads), windowTexts)) {
          const { logits, truncated } = await classifier.logits(inputs.map(asked));
          for (const [i, { fields }] of inputs.entries()) {
            await write(fields, toVerdict(rules, logits[i]!, truncated[i]));
          }
        }
      });
      await close();
    });
}

const asked = ({ text, pair }: Input): TextInput => (pair === undefined ? text : [text, pair]);

/** @throws UsageError `data/invalid` for a single text where the model reads pairs, or the other way round */
async function* accepted(inputs: AsyncIterable<Input>, { input }: TextRules): AsyncGenerator<Input> {
  for await (const one of inputs) {
    const problem = inputProblem(asked(one), input);
    if (problem) throw new UsageError('data/invalid', `${one.where}: ${problem.what}`, `${problem.fix}.`);
    yield one;
  }
}

/** Full windows, except that what stands before a fault in the input is still answered. */
async function* windows(inputs: AsyncIterable<Input>, size: number): AsyncGenerator<Input[]> {
  let window: Input[] = [];
  let fault: { readonly error: unknown } | undefined;
  const iterator = inputs[Symbol.asyncIterator]();
  while (!fault) {
    const next = await iterator.next().catch((error: unknown) => {
      fault = { error };
      return { done: true, value: undefined } as const;
    });
    if (next.done) break;
    window.push(next.value);
    if (window.length < size) continue;
    yield window;
    window = [];
  }
  if (window.length > 0) yield window;
  if (fault) throw fault.error;
}

const examples = `
  $ echo '{"text": "Ten tricks that bakers never tell you", "id": 7}' | copydesk predict bundles/headlines
  $ copydesk predict bundles/headlines stories.jsonl.gz > verdicts.jsonl
  $ copydesk predict bundles/headlines stories.txt | jq -r 'select(.decision != "publish") | .text'

Formats: jsonl has the fields of each text and its verdict; csv the text or --ids, the answer and every score; submission one score a line and no
header, or with --ids the ids and the label, separated by tabs.
  $ copydesk predict bundles/pairs test.jsonl --format submission --label 1 --to submission.zip
  $ copydesk predict bundles/pairs test.jsonl --format submission --ids q_id,r_id --fields text=question,pair=reply > submission.tsv`;
