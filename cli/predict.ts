/** @file `copydesk predict`: texts in, verdicts out, in order, whatever their number. */
import { Command } from 'commander';
import { type TextInput, toVerdict } from '../models/index.js';
import { openClassifier } from './open-classifier.js';
import { type Input, readInputs } from './read-inputs.js';
import { print, type Terminal } from './terminal.js';

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
    .addHelpText('after', examples)
    .action(async (folder: string, file: string) => {
      const { rules, classifier, close } = await openClassifier(folder);
      for await (const inputs of windows(readInputs(file, terminal.stdin), windowTexts)) {
        const { logits, truncated } = await classifier.logits(
          inputs.map(({ text, pair }): TextInput => (pair === undefined ? text : [text, pair])),
        );
        for (const [i, { fields }] of inputs.entries()) {
          await print(terminal, JSON.stringify({ ...fields, ...toVerdict(rules, logits[i]!, truncated[i]) }));
        }
      }
      await close();
    });
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
  $ copydesk predict bundles/headlines stories.txt | jq -r 'select(.decision != "publish") | .text'`;
