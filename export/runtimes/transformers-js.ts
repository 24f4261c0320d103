/** @file transformers.js: its pipeline for texts, its tokenizer and model for pairs and values, which its pipeline does not give. */
import { basename, dirname, resolve } from 'node:path';
import type { Precision } from '../../models/bundle/node.js';
import { activate, type TextInput } from '../../models/index.js';
import { inOrder, type Question, type Runtime } from './runtime.js';

type Scored = { readonly label: string; readonly score: number };
type Pipeline = {
  (texts: readonly string[], options: { readonly top_k: null }): Promise<readonly (readonly Scored[])[]>;
  readonly tokenizer: (texts: readonly string[], options: object) => object;
  readonly model: (inputs: object) => Promise<{ readonly logits: { tolist(): readonly (readonly number[])[] } }>;
  dispose(): Promise<unknown>;
};
/** What we use of it: its own types are as large as all that it can do. */
type Library = {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  readonly pipeline: (task: string, model: string, options: object) => Promise<Pipeline>;
};

const dtypes: { readonly [P in Precision]: string } = { fp32: 'fp32', int8: 'q8', fp16: 'fp16' };
const batch = 16;

const load = async (): Promise<Library> => (await import('@huggingface/transformers' as string)) as Library;

export const transformersJs: Runtime = {
  title: 'transformers.js',
  cutsOtherwise: 'cuts off the special token at the end too',
  absent: () =>
    load().then(
      () => undefined,
      () => '@huggingface/transformers is not installed',
    ),
  async scores(question) {
    const { env, pipeline } = await load();
    const folder = resolve(question.bundle.folder);
    env.allowRemoteModels = false;
    env.localModelPath = `${dirname(folder)}/`;
    const classify = await pipeline('text-classification', basename(folder), { dtype: dtypes[question.precision], device: 'cpu' });
    const rows: (readonly number[])[] = [];
    for (let at = 0; at < question.texts.length; at += batch)
      rows.push(...(await answer(classify, question, question.texts.slice(at, at + batch))));
    await classify.dispose();
    return rows;
  },
};

async function answer(classify: Pipeline, { bundle }: Question, texts: readonly TextInput[]): Promise<readonly (readonly number[])[]> {
  const { labels, activation } = bundle.manifest;
  if (activation !== 'none' && texts.every((text) => typeof text === 'string'))
    return (await classify(texts, { top_k: null })).map((row) => inOrder(labels, row));
  const rows: (readonly number[])[] = [];
  for (const input of texts) {
    const [text, pair] = [input].flat() as [string, string?];
    const inputs = classify.tokenizer([text], { padding: true, truncation: true, ...(pair === undefined ? {} : { text_pair: [pair] }) });
    const [logits] = (await classify.model(inputs)).logits.tolist();
    rows.push(activate(activation, 1, Float32Array.from(logits!)));
  }
  return rows;
}
