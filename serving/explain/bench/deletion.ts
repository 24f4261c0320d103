/** @file `npm run bench:explain`: whether the words said to matter do: taking them away must cost the label more than taking others. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { readBundle } from '../../../models/bundle/node.js';
import { createClassifier } from '../../../models/index.js';
import { createSession } from '../../../models/runtime/node.js';
import { createTokenizer } from '../../../models/text/node.js';
import { usualCalls } from '../explainer.js';
import { createOcclusion } from '../occlusion.js';
import { type Place, splitWords } from '../split-words.js';
import { withoutSpan } from '../without-span.js';
import { deletionTest, predicted } from './deletion-test.js';

const help = `npm run bench:explain -- --bundle DIR --data FILE.jsonl[.gz] [--texts 300] [--calls 128] [--seed 1] [--json]

Of each text, the fifth of its words with the largest weights is taken away, and as many others, drawn five times. Figures: how far the
log-odds of the predicted label fall, and the share of texts that get another label. Words are hidden in two ways, to weigh and to test.`;

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

const masked = (text: string, { start, end }: Place): string => `${text.slice(0, start)} [MASK] ${text.slice(end)}`;
const ways = { 'left out': withoutSpan, '[MASK]': masked } as const;

async function main(): Promise<void> {
  if (values.help || !values.bundle || !values.data) return void console.log(help);
  const { manifest, tokenizerJson, modelPath } = await readBundle(values.bundle);
  const session = await createSession(modelPath(), { threads: 1 });
  const tokenizer = createTokenizer(tokenizerJson);
  const classifier = createClassifier({ session, tokenizer, ...manifest.text });
  const texts = (await readTexts(values.data)).filter((text) => splitWords(text).length >= 5).slice(0, Number(values.texts));
  const wholes = await classifier.logits(texts);
  const logits = async (inputs: readonly string[]) => (await classifier.logits(inputs)).logits;
  const rows = [];
  for (const [weighedBy, hide] of Object.entries(ways)) {
    let calls = 0;
    const explain = createOcclusion({
      ask: async (inputs) => {
        calls += inputs.length;
        return (await classifier.logits(inputs)).logits;
      },
      read: async (input) => (await tokenizer.encode([input], manifest.text.maxTokens))[0]!.ids,
      calls: Number(values.calls),
      hide,
    });
    const explained = [];
    for (const [i, text] of texts.entries()) {
      const row = wholes.logits[i]!;
      const label = predicted(manifest, row);
      const { spans } = await explain({ input: text, rules: manifest, label, logits: row, truncated: wholes.truncated[i]! });
      explained.push({ text, row, spans });
    }
    for (const [testedBy, take] of Object.entries(ways)) {
      const figures = await deletionTest({ rules: manifest, logits, explained, take, seed: Number(values.seed) });
      rows.push({ model: manifest.name, texts: texts.length, weighedBy, testedBy, callsPerText: calls / texts.length, ...figures });
    }
  }
  if (values.json) return void console.log(JSON.stringify(rows));
  console.table(rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? Number(value.toFixed(3)) : value])))); // biome-ignore format: one idea
}

/** The `text` of each line. */
async function readTexts(path: string): Promise<readonly string[]> {
  const bytes = await readFile(path);
  const lines = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').split('\n').filter(Boolean);
  return lines.map((line) => (JSON.parse(line) as { text: string }).text);
}

await main();
