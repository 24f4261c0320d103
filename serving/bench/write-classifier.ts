/** @file A classifier of any size with untrained weights, exported as trained ones are: what is computed does not depend on what was learned. */
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { packageFolder } from '../../models/bundle/node.js';
import {
  bertSchema,
  buildClassifier,
  matchWeights,
  storedShapes,
  type Tensor,
  trainWordPiece,
  UsageError,
  type Weights,
} from '../../models/index.js';
import { writeWeights } from '../../models/weights/node.js';
import { uniform } from './texts.js';

export type ClassifierOptions = {
  /** LAYERSxWIDTH, such as `6x384`. */
  readonly size: string;
  /** What a tokenizer is learned from, where none is given. */
  readonly texts: readonly string[];
  /** A tokenizer and weights as files have them; what they lack is random. */
  readonly tokenizerJson?: string;
  readonly pretrained?: Weights;
};

/** Word pieces of the model, whatever the tokenizer has: looking one up costs the same in all of them. */
const vocabularySize = 30522;
const maxTokens = 256;

/**
 * Writes a BERT as Hugging Face saves it and has `copydesk import` make a bundle of it, in fp32 and int8: the files are those that a user gets.
 *
 * @returns the folder of bundles, a new one that belongs to the caller; at the latest it goes when the process ends
 * @throws UsageError `usage/argument` for a size that is none
 */
export async function writeClassifier({ size, texts, tokenizerJson, pretrained = new Map() }: ClassifierOptions): Promise<string> {
  const architecture = architectureOf(size);
  const folder = await mkdtemp(join(tmpdir(), 'copydesk-bench-'));
  removeAtExit(folder);
  const source = join(folder, `bert-${size}`);
  await mkdir(source);
  const { layers, width, heads, intermediate, maxPositions } = architecture;
  const config = {
    model_type: 'bert',
    architectures: ['BertForSequenceClassification'],
    id2label: { 0: 'clickbait', 1: 'news' },
    vocab_size: vocabularySize,
    num_hidden_layers: layers,
    hidden_size: width,
    num_attention_heads: heads,
    intermediate_size: intermediate,
    max_position_embeddings: maxPositions,
  };
  await writeFile(join(source, 'config.json'), JSON.stringify(config));
  await writeFile(join(source, 'tokenizer.json'), tokenizerJson ?? (await trainWordPiece({ texts, vocabularySize: 8000 })));
  await writeWeights(join(source, 'model.safetensors'), weightsOf(architecture, pretrained));
  const bundles = join(folder, 'bundles');
  const labelled = join(packageFolder(), 'examples', 'headlines.val.jsonl');
  const asked = ['import', source, '--to', bundles, '--calibrate', labelled, '--precision', 'fp32,int8', '--max-tokens', String(maxTokens)];
  await promisify(execFile)(process.execPath, [...program(), ...asked]);
  await rm(source, { recursive: true });
  return bundles;
}

function architectureOf(size: string) {
  const [, layers, width] = /^(\d+)x(\d+)$/.exec(size) ?? [];
  const parsed = bertSchema.safeParse({
    kind: 'bert',
    layers: Number(layers),
    width: Number(width),
    heads: Math.min(12, Number(width) / 32),
    intermediate: 4 * Number(width),
    vocabularySize,
    maxPositions: 512,
    pooling: 'cls',
  });
  if (parsed.success) return parsed.data;
  throw new UsageError(
    'usage/argument',
    `bench: ${JSON.stringify(size)} is no size of a model`,
    'write LAYERSxWIDTH, such as 6x384; the width a multiple of 32, or from 384 on of 12.',
  );
}

function weightsOf(architecture: ReturnType<typeof architectureOf>, pretrained: Weights): Weights {
  const expected = storedShapes(buildClassifier(architecture, { labels: 2 }).parameters);
  const { weights: given } = matchWeights(expected, pretrained);
  const next = uniform(7);
  return new Map(expected.map(({ name, shape }) => [name, given.get(name) ?? random(name, shape, next)]));
}

function random(name: string, dims: readonly number[], next: () => number): Tensor {
  const data = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
  // Its answer is always the second label, clearly: how int8 rounds must not decide whether an untrained model can be exported.
  if (name === 'classifier.bias') data[1] = 4;
  else if (name.endsWith('LayerNorm.weight')) data.fill(1);
  else if (!name.endsWith('bias')) for (let i = 0; i < data.length; i++) data[i] = (next() - 0.5) * 0.07;
  return { type: 'float32', dims, data };
}

/** Ended early, as by Ctrl-C, a benchmark leaves no gigabyte behind. */
function removeAtExit(folder: string): void {
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
}

/** The program as it was built, or its source where this file is source. */
function program(): readonly string[] {
  const built = import.meta.url.endsWith('.js');
  const main = fileURLToPath(new URL(`../../cli/main.${built ? 'js' : 'ts'}`, import.meta.url));
  return built ? [main] : ['--import', 'tsx', main];
}
