/** @file `npm run check:runtimes -- BUNDLE DATA [--texts N] [--json]`: whether other runtimes answer a bundle's texts as we do. */
import { parseArgs } from 'node:util';
import { readBundle } from '../../models/bundle/node.js';
import type { TextInput } from '../../models/index.js';
import { readExamples } from '../../training/index.js';
import { type Agreement, type Comparison, compareRuntimes } from './compare-runtimes.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    texts: { type: 'string', default: '1000' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
/** Scores that differ by more are another answer. */
const tolerance = 1e-3;

const [folder, data] = positionals;
if (values.help || folder === undefined || data === undefined) {
  console.log(`npm run check:runtimes -- BUNDLE DATA [--texts N] [--json]

Answers the first N texts of DATA (default 1000; .jsonl, .csv, .tsv …) with each file of the bundle in transformers.js, in Python's onnxruntime with
tokenizers, and in Optimum's pipeline, beside our own runtime. COPYDESK_PYTHON names the Python; what is not installed is left out by name. Ends with
1 when a label differs or a score by more than ${tolerance}.`);
  process.exitCode = values.help ? 0 : 2;
} else process.exitCode = await check(folder, data);

async function check(path: string, file: string): Promise<number> {
  const bundle = await readBundle(path);
  const examples = (await readExamples(file, { labelled: false })).slice(0, Number(values.texts));
  const texts = examples.map(({ text, pair }): TextInput => (pair === undefined ? text : [text, pair]));
  const results: Comparison[] = [];
  for await (const one of compareRuntimes(bundle, texts)) {
    results.push(one);
    if (!values.json) console.log(told(one));
  }
  if (values.json) console.log(JSON.stringify(results));
  return results.every((one) => 'skipped' in one || (one.alike.sameLabels === 1 && one.alike.largestDifference <= tolerance)) ? 0 : 1;
}

function told(one: Comparison): string {
  const about = `${one.runtime}, ${one.precision}: `;
  if ('skipped' in one) return `${about}left out: ${one.skipped}`;
  const cut = one.cut ? `; of ${one.cut.texts} that are too long, and that it ${one.cut.why}: ${figures(one.cut)}` : '';
  return `${about}${one.alike.texts} texts: ${figures(one.alike)}${cut}`;
}

function figures({ sameLabels, largestDifference }: Agreement): string {
  return `${(100 * sameLabels).toFixed(2)} % with the same labels, scores within ${largestDifference.toExponential(1)}`;
}
