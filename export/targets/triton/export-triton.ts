/** @file A bundle as a model repository of NVIDIA's Triton Inference Server: tokenizer, model, and an ensemble that joins them. */
import { copyFile, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Bundle, Precision } from '../../../models/bundle/node.js';
import { UsageError } from '../../../models/index.js';
import { createSession } from '../../../models/runtime/node.js';
import { createTokenizer } from '../../../models/text/node.js';
import { type ModelConfig, modelConfig, type Tensor } from './model-config.js';
import { tritonReadme } from './readme.js';
import { tokenizerModel } from './tokenizer-model.js';

export type TritonOptions = {
  /** Triton's model repository; three folders are made in it. */
  readonly to: string;
  readonly precision?: Precision;
  readonly overwrite?: boolean;
};

export type TritonRepository = {
  /** What is asked with texts. */
  readonly ensemble: string;
  readonly folders: readonly string[];
};

/** Texts that one call may bring, and how long the server waits for others to join them. */
const maxBatchSize = 32;
const queueMicroseconds = 1000;

/** @throws UsageError `export/failed` where the repository has models of these names already, `bundle/missing` for a precision it lacks */
export async function exportTriton(
  bundle: Bundle,
  { to, precision = 'fp32', overwrite = false }: TritonOptions,
): Promise<TritonRepository> {
  const { name } = bundle.manifest;
  const model = bundle.modelPath(precision);
  const configs = await configsOf(bundle, model);
  const folders = configs.map((config) => join(resolve(to), config.name));
  for (const folder of folders) if (!overwrite && (await exists(folder))) throw taken(folder);

  const temporary = join(resolve(to), `.${name}.${process.pid}`);
  try {
    for (const config of configs) {
      const folder = join(temporary, config.name);
      await mkdir(join(folder, '1'), { recursive: true }); // an ensemble has a version too, with nothing in it
      await writeFile(join(folder, 'config.pbtxt'), modelConfig(config));
      await contents[config.kind](folder, bundle, model);
    }
    for (const folder of folders) {
      await rm(folder, { recursive: true, force: true });
      await rename(join(temporary, folder.slice(dirname(folder).length + 1)), folder);
    }
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return { ensemble: configs.at(-1)!.name, folders };
}

const contents: { readonly [K in ModelConfig['kind']]: (folder: string, bundle: Bundle, model: string) => Promise<void> } = {
  python: async (folder, { tokenizerJson }) => {
    await writeFile(join(folder, '1', 'model.py'), tokenizerModel);
    await writeFile(join(folder, '1', 'tokenizer.json'), tokenizerJson);
  },
  onnxruntime: async (folder, { manifest }, model) => {
    await copyFile(model, join(folder, '1', 'model.onnx'));
    await writeFile(join(folder, labelsFile), `${manifest.labels.map((label) => label.replaceAll('\n', ' ')).join('\n')}\n`);
  },
  ensemble: async (folder, { manifest }) => {
    await writeFile(join(folder, labelsFile), `${manifest.labels.map((label) => label.replaceAll('\n', ' ')).join('\n')}\n`);
    await writeFile(join(folder, '1', 'README.md'), tritonReadme(manifest)); // so that the folder is kept where empty ones are not
  },
};

const labelsFile = 'labels.txt';

/** Tokenizer, model, ensemble: what is joined first, then what joins it. */
async function configsOf({ manifest, tokenizerJson }: Bundle, model: string): Promise<readonly ModelConfig[]> {
  const { name, labels, text } = manifest;
  const session = await createSession(model);
  const tokens = session.inputNames.map((input): Tensor => ({ name: input, type: 'TYPE_INT64', dims: [-1] }));
  await session.dispose();
  const strings = (input: string, optional: boolean): Tensor => ({ name: input, type: 'TYPE_STRING', dims: [1], optional });
  const texts = [strings('text', false), ...(text.input === 'single' ? [] : [strings('pair', text.input === 'any')])];
  const logits: Tensor = { name: 'logits', type: 'TYPE_FP32', dims: [labels.length], labels: labelsFile };
  const own = (tensors: readonly Tensor[]) => Object.fromEntries(tensors.map((tensor) => [tensor.name, tensor.name]));
  const parameters = { max_tokens: String(text.maxTokens), pad_id: String(createTokenizer(tokenizerJson).padId) };
  const tokenizer = `${name}_tokenizer`;
  return [
    { kind: 'python', name: tokenizer, maxBatchSize, inputs: texts, outputs: tokens, parameters },
    { kind: 'onnxruntime', name, maxBatchSize, inputs: tokens, outputs: [logits], queueMicroseconds },
    {
      kind: 'ensemble',
      name: `${name}_ensemble`,
      maxBatchSize,
      inputs: texts,
      outputs: [logits],
      steps: [
        { model: tokenizer, inputs: own(texts), outputs: own(tokens) },
        { model: name, inputs: own(tokens), outputs: own([logits]) },
      ],
    },
  ];
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const taken = (folder: string): UsageError =>
  new UsageError('export/failed', `${folder}: there is a model of this name`, 'give another folder, or say --overwrite.');
