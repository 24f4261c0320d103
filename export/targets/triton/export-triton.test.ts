import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Bundle, findBundles } from '../../../models/bundle/node.js';
import { createClassifier, type TextInput } from '../../../models/index.js';
import { createSession } from '../../../models/runtime/node.js';
import { createTokenizer } from '../../../models/text/node.js';
import { goldenPath } from '../../../test/golden.js';
import { pythonTest, runPython } from '../../../test/python.js';
import { importModel, readForeign } from '../../index.js';
import { exportTriton } from './export-triton.js';
import { modelConfig } from './model-config.js';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-triton-'));
});
afterEach(() => rm(home, { recursive: true }));

const zoo = async (name: string) =>
  (await findBundles([new URL('../../../models/zoo', import.meta.url).pathname])).find(({ manifest }) => manifest.name === name)!;
const imported = async () =>
  (await importModel(await readForeign(goldenPath('classifiers/roberta')), { name: 'tiny', to: join(home, 'bundles') })).bundle;

test('a config is written as protobuf’s text format has it, whatever stands in its strings', () => {
  const config = modelConfig({
    kind: 'python',
    name: 'a "b" \\ c\n市',
    maxBatchSize: 4,
    inputs: [{ name: 'text', type: 'TYPE_STRING', dims: [1, -1], optional: true }],
    outputs: [{ name: 'ids', type: 'TYPE_INT64', dims: [-1] }],
    parameters: { pad_id: '0' },
  });
  expect(config.split('\n')).toEqual([
    'name: "a \\"b\\" \\\\ c\\n市"',
    'backend: "python"',
    'max_batch_size: 4',
    'input {',
    '  name: "text"',
    '  data_type: TYPE_STRING',
    '  dims: 1',
    '  dims: -1',
    '  optional: true',
    '}',
    'output {',
    '  name: "ids"',
    '  data_type: TYPE_INT64',
    '  dims: -1',
    '}',
    'parameters {',
    '  key: "pad_id"',
    '  value {',
    '    string_value: "0"',
    '  }',
    '}',
    '',
  ]);
});

test('a bundle becomes three models with what each needs, and takes no other’s place unasked', async () => {
  const bundle = await zoo('headlines-en');
  const to = join(home, 'repository');
  expect((await exportTriton(bundle, { to })).ensemble).toBe('headlines-en_ensemble');
  expect((await readdir(to)).sort()).toEqual(['headlines-en', 'headlines-en_ensemble', 'headlines-en_tokenizer']);
  expect(await readFile(join(to, 'headlines-en/labels.txt'), 'utf8')).toBe('clickbait\nnews\n');
  expect((await readFile(join(to, 'headlines-en/1/model.onnx'))).equals(await readFile(bundle.modelPath()))).toBe(true);
  expect(await readFile(join(to, 'headlines-en_tokenizer/1/tokenizer.json'), 'utf8')).toBe(bundle.tokenizerJson);
  await expect(exportTriton(bundle, { to })).rejects.toThrow(/there is a model of this name.*--overwrite/);
  await exportTriton(bundle, { to, overwrite: true });
  expect(await readdir(to)).toHaveLength(3);
});

test('only the inputs that the model has are passed on, and pairs where it may be asked them', async () => {
  const to = join(home, 'repository');
  await exportTriton(await imported(), { to });
  const config = (name: string) => readFile(join(to, name, 'config.pbtxt'), 'utf8');
  expect(await config('tiny')).not.toContain('token_type_ids');
  expect(await config('tiny_ensemble')).toMatch(/name: "pair"\n {2}data_type: TYPE_STRING\n {2}dims: 1\n {2}optional: true/);
  await exportTriton(await zoo('headlines-en'), { to });
  expect(await config('headlines-en')).toContain('token_type_ids');
  expect(await config('headlines-en_ensemble')).not.toContain('"pair"');
});

type Seen = {
  readonly configs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly logits: readonly (readonly number[])[];
  readonly tokens: readonly number[];
};

async function answers({ manifest, tokenizerJson, modelPath }: Bundle, texts: readonly TextInput[]): Promise<readonly Float32Array[]> {
  const session = await createSession(modelPath());
  const classifier = createClassifier({ session, tokenizer: createTokenizer(tokenizerJson), maxTokens: manifest.text.maxTokens });
  return (await classifier.logits(texts).finally(() => session.dispose())).logits;
}

const single = [
  [['The one trick that doctors never tell you about'], ['rain']],
  [['The mayor said so. '.repeat(60)]],
  [['市议会 naïve café']],
];
const pairs = [
  [
    ['The bridge is closed.', 'Until when is it closed?'],
    ['rain', 'home'],
  ],
];

pythonTest(
  'Triton’s own schema takes every config, and its Python backend’s tokenizer gives the model what we give it',
  ['tritonclient', 'google.protobuf', 'grpc', 'onnxruntime', 'tokenizers', 'numpy'],
  async () => {
    const cases = [[await zoo('headlines-en'), single], [await imported(), [...single, ...pairs]]] as const; // biome-ignore format: a matrix
    for (const [bundle, batches] of cases) {
      const { name, labels } = bundle.manifest;
      const to = join(home, name);
      await exportTriton(bundle, { to });
      const { configs, logits, tokens } = await runPython<Seen>('triton_repository.py', to, name, JSON.stringify(batches));
      expect(Object.keys(configs).sort()).toEqual([name, `${name}_ensemble`, `${name}_tokenizer`]);
      expect(configs[name]).toMatchObject({
        backend: 'onnxruntime',
        max_batch_size: 32,
        output: [{ name: 'logits', data_type: 'TYPE_FP32', dims: [String(labels.length)], label_filename: 'labels.txt' }],
        dynamic_batching: { max_queue_delay_microseconds: '1000' },
      });
      const steps = (configs[`${name}_ensemble`]!.ensemble_scheduling as { step: { model_name: string }[] }).step;
      expect(steps.map((step) => step.model_name)).toEqual([`${name}_tokenizer`, name]);

      const texts = batches.flat().map((text): TextInput => (text.length === 1 ? text[0]! : [text[0]!, text[1]!]));
      const ours = await answers(bundle, texts);
      for (const [i, row] of ours.entries()) for (const [label, logit] of row.entries()) expect(logits[i]![label]).toBeCloseTo(logit, 4);
      // Requests of like length have one shape, so that Triton may run them together.
      for (const length of tokens) expect(Math.log2(length) % 1 === 0 || length === bundle.manifest.text.maxTokens).toBe(true);
    }
  },
);
