/** @file `npm run bench:explain`: whether the words said to matter do: taking them away must cost the label more than taking others. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { readBundle } from '../../../models/bundle/node.js';
import { createClassifier } from '../../../models/index.js';
import { createSession } from '../../../models/runtime/node.js';
import { createTokenizer } from '../../../models/text/node.js';
import { usualCalls } from '../explainer.js';
import { splitWords } from '../split-words.js';
import { withoutSpan } from '../without-span.js';
import { deletionTest, predicted } from './deletion-test.js';
import { createWay, masked, ways } from './explainers.js';

const help = `npm run bench:explain -- --bundle DIR --data FILE.jsonl[.gz] [--texts 300] [--calls 128] [--seed 1] [--json]

Of each text, the fifth of its words with the largest weights is taken away, and as many others, drawn five times. Figures: how far the
log-odds of the predicted label fall, and the share of texts that get another label; what an explanation asks, texts and points of the way
(a pass through the model and back), and milliseconds; and what the weights miss of whole - empty, of methods whose weights add up. Words
are weighed in four ways, and taken away in two. A bundle without an explain graph is measured by leaving words out alone.`;

const { values } = parseArgs({
  options: {
    bundle: { type: 'string' },
    data: { type: 'string' },
    texts: { type: 'string', default: '300' },
    calls: { type: 'string', default: String(usualCalls) },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const takings = { 'left out': withoutSpan, '[MASK]': masked } as const;

async function main(): Promise<void> {
  if (values.help || !values.bundle || !values.data) return void console.log(help);
  const { manifest, folder, tokenizerJson, modelPath } = await readBundle(values.bundle);
  const session = await createSession(modelPath(), { threads: 1 });
  const gradients = manifest.explain === undefined ? undefined : await createSession(join(folder, manifest.explain), { threads: 1 });
  const tokenizer = createTokenizer(tokenizerJson);
  const classifier = createClassifier({ session, tokenizer, ...manifest.text });
  const texts = (await readTexts(values.data)).filter((text) => splitWords(text).length >= 5).slice(0, Number(values.texts));
  const wholes = await classifier.logits(texts);
  const logits = async (inputs: readonly string[]) => (await classifier.logits(inputs)).logits;
  const rows = [];
  for (const weighedBy of ways) {
    const way = createWay(weighedBy, { manifest, tokenizer, classifier, gradients, calls: Number(values.calls) });
    if (!way) continue;
    const explained = [];
    const missed: number[] = [];
    const began = performance.now();
    for (const [i, text] of texts.entries()) {
      const row = wholes.logits[i]!;
      const label = predicted(manifest, row);
      const { spans, whole, empty } = await way.explain({
        input: text,
        rules: manifest,
        label,
        logits: row,
        truncated: wholes.truncated[i]!,
      });
      missed.push(Math.abs(whole - empty - spans.reduce((sum, { weight }) => sum + weight, 0)));
      explained.push({ text, row, spans });
    }
    const cost = {
      texts: way.asked.texts / texts.length,
      points: way.asked.points / texts.length,
      ms: (performance.now() - began) / texts.length,
    };
    for (const [testedBy, take] of Object.entries(takings)) {
      const figures = await deletionTest({ rules: manifest, logits, explained, take, seed: Number(values.seed) });
      rows.push({ model: manifest.name, of: texts.length, weighedBy, testedBy, ...cost, missed: median(missed), ...figures });
    }
  }
  if (values.json) return void console.log(JSON.stringify(rows));
  console.table(rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? Number(value.toFixed(3)) : value])))); // biome-ignore format: one idea
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** The `text` of each line. */
async function readTexts(path: string): Promise<readonly string[]> {
  const bytes = await readFile(path);
  const lines = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').split('\n').filter(Boolean);
  return lines.map((line) => (JSON.parse(line) as { text: string }).text);
}

await main();
