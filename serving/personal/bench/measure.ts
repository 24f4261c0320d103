/** @file What a person's corrections cost the rest: `node --import tsx serving/personal/bench/measure.ts BUNDLE VAL.jsonl[.gz] TEST.jsonl[.gz]`.
 *  The first texts of VAL that the model of the bundle gets wrong are corrected, more and more of them; what becomes of TEST is counted. */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { readBundle } from '../../../models/bundle/node.js';
import { toVerdict, UsageError } from '../../../models/index.js';
import { jsonRows, strict } from '../../../models/rows/node.js';
import { createSession } from '../../../models/runtime/node.js';
import { createTokenizer } from '../../../models/text/node.js';
import { createPersonalHead } from '../index.js';

const counts = [1, 5, 10, 20, 50, 100, 200];
const mostTexts = 3000;

type Labelled = { readonly text: string; readonly label: string };
type Row = Readonly<Record<string, number>>;

async function measure(folder: string, val: string, test: string): Promise<readonly Row[]> {
  const { manifest, tokenizerJson } = await readBundle(folder);
  const { personalise, labels, data } = manifest;
  if (!personalise || manifest.activation !== 'softmax')
    throw new UsageError('usage/argument', `${folder}: its head cannot be taught single labels`, 'give a bundle of one label a text.');
  const [features, step] = await Promise.all([personalise.features, personalise.step].map((path) => createSession(join(folder, path))));
  const head = createPersonalHead({ features: features!, step: step!, tokenizer: createTokenizer(tokenizerJson), manifest });
  const read = async (path: string): Promise<readonly Labelled[]> => {
    const rows: Labelled[] = [];
    for await (const { value } of strict(jsonRows(path, {}))) {
      const { text, label } = value as Labelled;
      const own = data.rename?.[label] ?? label;
      if (rows.length < mostTexts && labels.includes(own)) rows.push({ text, label: own });
    }
    return rows;
  };
  const said = async (texts: readonly Labelled[]): Promise<readonly string[]> =>
    (await head.logits(texts.map(({ text }) => text))).logits.map((logits) => {
      const verdict = toVerdict(manifest, logits);
      return 'label' in verdict ? verdict.label : '';
    });
  const [known, others] = [await read(val), await read(test)];
  const [first, before] = [await said(known), await said(others)];
  const wrong = known.filter(({ label }, i) => label !== first[i]);
  const accuracy = (answers: readonly string[]): number => share(answers, (answer, i) => answer === others[i]!.label);

  const figures: Row[] = [];
  for (const count of counts.filter((one, i) => one <= wrong.length || (counts[i - 1] ?? 0) < wrong.length)) {
    const start = performance.now();
    const { corrections, right, epochs } = await head.learn(wrong.slice(0, count));
    const milliseconds = Math.round(performance.now() - start);
    const after = await said(others);
    const changed = share(after, (answer, i) => answer !== before[i]);
    figures.push({ corrections, right, changed, before: accuracy(before), after: accuracy(after), epochs, milliseconds });
  }
  return figures;
}

const share = <T>(values: readonly T[], has: (value: T, i: number) => boolean): number =>
  Number((values.filter(has).length / values.length).toFixed(4));

const [bundle, val, test] = process.argv.slice(2);
if (!bundle || !val || !test) throw new UsageError('usage/argument', 'measure: three arguments are wanted', 'give BUNDLE VAL TEST.');
console.table(await measure(bundle, val, test));
