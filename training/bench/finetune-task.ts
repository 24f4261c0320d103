/** @file What both sides of `bench:finetune` are given, and the figure that both are judged by. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonLine } from '../../models/rows/node.js';
import { createRandom } from '../data/random.js';
import { readExamples } from '../data/read-examples.js';
import { computeMetrics } from '../metrics/metrics.js';

export type FinetuneTask = {
  readonly name: string;
  /** JSON lines of `text` and `label`. */
  readonly train: string;
  readonly val: string;
  readonly labels: readonly string[];
  readonly sizes: { readonly train: number; readonly val: number };
  /** Of the texts of val, in their order. */
  readonly truth: readonly string[];
};

export type FinetuneData = {
  readonly name: string;
  /** Files of texts with one label each, in any form that training reads. */
  readonly train: string;
  readonly val: string;
  /** Of both, drawn at random; 1: all. */
  readonly share: number;
  readonly seed: number;
};

/** Writes the texts into `folder`. @throws UsageError as reading them does */
export async function finetuneTask({ name, share, seed, ...files }: FinetuneData, folder: string): Promise<FinetuneTask> {
  await mkdir(folder, { recursive: true });
  const take = async (split: 'train' | 'val') => {
    const rows = await readExamples(files[split], { task: 'single-label' });
    const drawn = createRandom(seed)
      .shuffle(rows.map(({ text, label }) => ({ text, label: label! })))
      .slice(0, Math.max(1, Math.round(share * rows.length)));
    const path = join(folder, `${name}-${split}.jsonl`);
    await writeFile(path, drawn.map((row) => `${jsonLine(row)}\n`).join(''));
    return { path, rows: drawn };
  };
  const [train, val] = [await take('train'), await take('val')];
  return {
    name,
    train: train.path,
    val: val.path,
    labels: [...new Set(train.rows.map(({ label }) => label))].sort(),
    sizes: { train: train.rows.length, val: val.rows.length },
    truth: val.rows.map(({ label }) => label),
  };
}

export type Answers = {
  /** A row for each text, in the order of `labels`. */
  readonly logits: readonly ArrayLike<number>[];
  readonly labels: readonly string[];
  /** The label that each text has. */
  readonly truth: readonly string[];
};

export function macroF1({ logits, labels, truth }: Answers): number {
  const targets = truth.map((label) => labels.map((one) => (one === label ? 1 : 0)));
  return computeMetrics({ task: 'single-label', labels, temperature: 1, logits, targets }).macroF1 ?? 0;
}
