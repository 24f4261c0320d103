import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bundle, verifyBundle } from '../../models/bundle/node.js';
import { createClassifier, type TextInput, type Weights } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { createTokenizer } from '../../models/text/node.js';
import { readWeights, writeWeights } from '../../models/weights/node.js';
import { goldenPath, relativeDifference } from '../../test/golden.js';
import { computeMetrics } from '../../training/index.js';
import type { Labelled } from './calibrate.js';
import { importModel } from './import-model.js';
import { type ForeignOptions, readForeign } from './read-foreign.js';

type Case = {
  readonly texts: readonly TextInput[];
  readonly labels: readonly string[];
  readonly targets: readonly number[];
  readonly ids: readonly (readonly number[])[];
  readonly logits: readonly (readonly number[])[];
};
const kinds = ['bert', 'distilbert', 'roberta'] as const;
const golden = (kind: string) => goldenPath(`classifiers/${kind}`);
const caseOf = async (kind: string) => JSON.parse(await readFile(`${golden(kind)}/case.json`, 'utf8')) as Case;

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-import-'));
});
afterEach(() => rm(home, { recursive: true }));

/** A copy of a golden model that a test may spoil. */
async function copyOf(kind: string, without: readonly string[] = []): Promise<string> {
  const to = join(home, 'foreign');
  await cp(golden(kind), to, { recursive: true });
  for (const name of without) await rm(join(to, name));
  return to;
}
async function change(folder: string, name: string, keys: object): Promise<void> {
  const content = JSON.parse(await readFile(join(folder, name), 'utf8'));
  await writeFile(join(folder, name), JSON.stringify({ ...content, ...keys }));
}
const labelledBy = ({ texts, labels, targets }: Case): Labelled => ({
  examples: texts.map((input, line) => (typeof input === 'string' ? { text: input, line } : { text: input[0], pair: input[1], line })),
  targets: targets.map((target) => labels.map((_, at) => (at === target ? 1 : 0))),
});
async function answers({ manifest, modelBytes, tokenizerJson }: Bundle, texts: readonly TextInput[]): Promise<readonly number[]> {
  const session = await createSession(await modelBytes());
  const classifier = createClassifier({ session, tokenizer: createTokenizer(tokenizerJson), ...manifest.text });
  const { logits } = await classifier.logits(texts).finally(() => session.dispose());
  return logits.flatMap((row) => [...row]);
}

describe.each(kinds)('%s', (kind) => {
  test('becomes a verified bundle that answers as transformers does, with what its logits mean fitted on the given texts', async () => {
    const given = await caseOf(kind);
    const labelled = labelledBy(given);
    const { bundle, calibration } = await importModel(await readForeign(golden(kind)), { name: `from-${kind}`, to: home, labelled });
    const { manifest } = await verifyBundle(bundle.folder);
    const logits = await answers(bundle, given.texts);
    expect(relativeDifference(logits, given.logits.flat())).toBeLessThan(1e-5);

    const { labels, temperature, activation, policy, metrics, data, origin, text } = manifest;
    expect({ labels, activation, text, origin: origin?.modelType }).toEqual({
      labels: given.labels,
      activation: 'softmax',
      text: { maxTokens: 32, input: 'any', pairs: 'as-given' },
      origin: kind,
    });
    const figures = computeMetrics({ task: 'single-label', labels, temperature, logits: given.logits, targets: labelled.targets });
    expect(metrics.val).toMatchObject({ macroF1: figures.macroF1, accuracy: figures.accuracy });
    expect(temperature).not.toBe(1);
    expect(Object.keys(policy.labels)).toEqual(['rude', 'spam']); // `fine` says that nothing is wrong
    expect(calibration?.holdReason).toMatch(/"fine" is taken to mean/);
    expect(data.examples).toEqual({ val: given.texts.length });
    expect(manifest.parity.fp32).toMatchObject({ texts: given.texts.length, labelAgreement: 1 });
  });

  test('has the same tokens where its tokenizer comes in the files that were there before tokenizer.json', async () => {
    const given = await caseOf(kind);
    const { tokenizer } = await readForeign(await copyOf(kind, ['tokenizer.json']));
    expect(JSON.parse(tokenizer.json).model.type).toBe(kind === 'roberta' ? 'BPE' : 'WordPiece');
    const ids = (await tokenizer.tokenizer.encode(given.texts, 32)).map((encoding) => encoding.ids);
    expect(ids).toEqual(given.ids);
  });

  test('without labelled texts it is a bundle whose scores are the model’s own, and which holds nothing back', async () => {
    const { bundle, calibration } = await importModel(await readForeign(golden(kind)), { name: 'plain', to: home });
    const { temperature, policy, metrics, data, text } = bundle.manifest;
    expect({ temperature, policy, metrics, data, input: text.input, calibration }).toEqual({
      temperature: 1,
      policy: { labels: {} },
      metrics: {},
      data: { fingerprint: {}, examples: {} },
      input: 'any',
      calibration: undefined,
    });
    const given = await caseOf(kind);
    expect(relativeDifference(await answers(bundle, given.texts), given.logits.flat())).toBeLessThan(1e-5);
  });
});

test('labels may be renamed, held by name, and texts be cut shorter', async () => {
  const given = await caseOf('bert');
  const foreign = await readForeign(golden('bert'), { labels: ['ok', 'b', 'c'], maxTokens: 9 });
  const { bundle } = await importModel(foreign, {
    name: 'other',
    to: home,
    labelled: { ...labelledBy(given), hold: ['c'], rename: { spam: 'c' } },
  });
  const { labels, policy, text, data } = bundle.manifest;
  expect([labels, Object.keys(policy.labels), text.maxTokens, data.rename]).toEqual([['ok', 'b', 'c'], ['c'], 9, { spam: 'c' }]);
});

test('one output is a value or a label of its own, as it is said to be', async () => {
  const folder = await copyOf('bert');
  const weights = new Map(await readWeights(join(folder, 'model.safetensors')));
  for (const name of ['classifier.weight', 'classifier.bias']) {
    const { type, dims, data } = weights.get(name)!;
    weights.set(name, { type, dims: [1, ...dims.slice(1)], data: data.slice(0, data.length / 3) } as never);
  }
  await writeWeights(join(folder, 'model.safetensors'), weights);
  await change(folder, 'config.json', { id2label: { 0: 'anger' }, label2id: { anger: 0 } });
  await expect(readForeign(folder)).rejects.toThrow(/one output \(anger\), and problem_type does not say.*--task regression for a value/);
  await expect(readForeign(folder, { task: 'single-label' })).rejects.toThrow(/no label can be chosen/);

  const texts = ['rain', 'bridge', 'home harbour'].map((text, line) => ({ text, line }));
  const targets = [[0], [1], [1]];
  const value = await importModel(await readForeign(folder, { task: 'regression' }), {
    name: 'value',
    to: home,
    labelled: { examples: texts, targets },
  });
  expect(value.bundle.manifest).toMatchObject({ activation: 'none', temperature: 1, policy: { labels: {} } });
  expect(value.bundle.manifest.metrics.val).toHaveProperty('pearson');
  await change(folder, 'config.json', { problem_type: 'multi_label_classification' });
  const label = await importModel(await readForeign(folder), { name: 'label', to: home, labelled: { examples: texts, targets } });
  expect(label.bundle.manifest).toMatchObject({ activation: 'sigmoid', thresholds: { anger: expect.any(Number) } });
});

test('heads of pre-training are left out by name, whatever else is left over is not', async () => {
  const folder = await copyOf('roberta', ['model.safetensors.index.json']);
  const stored = new Map(await readWeights(golden('roberta')));
  const more = async (name: string) =>
    writeWeights(
      join(folder, 'model.safetensors'),
      new Map([...stored, [name, { type: 'float32', dims: [1], data: new Float32Array(1) }]]) as Weights,
    );
  await more('roberta.pooler.dense.bias');
  expect((await readForeign(folder)).leftOut).toEqual(['roberta.pooler.dense.bias']);
  await more('roberta.adapter.bias');
  await expect(readForeign(folder)).rejects.toThrow(/no place for roberta\.adapter\.bias/);
});

describe('what cannot be brought in is refused, with what to do', () => {
  type Spoil = (folder: string) => Promise<unknown>;
  const config =
    (keys: object): Spoil =>
    (folder) =>
      change(folder, 'config.json', keys);
  const without =
    (names: readonly string[], instead?: string): Spoil =>
    async (folder) => {
      for (const name of names) await rm(join(folder, name));
      if (instead !== undefined) await writeFile(join(folder, instead), '');
    };
  const cases: readonly (readonly [string, (typeof kinds)[number], Spoil, RegExp, ForeignOptions?])[] = [
    ['another architecture', 'bert', config({ model_type: 'deberta-v2' }), /model_type is "deberta-v2"; known are bert, distilbert, roberta.*fine-tune one/],
    ['a slip in its name', 'roberta', config({ model_type: 'roberta2' }), /known are.*if its layers are those of roberta/],
    ['a model that does not classify', 'bert', config({ architectures: ['BertForMaskedLM'] }), /BertForMaskedLM, which does not classify.*"pretrained"/],
    ['another activation', 'bert', config({ hidden_act: 'gelu_new' }), /hidden_act is "gelu_new".*gelu/],
    ['other sizes', 'bert', config({ num_hidden_layers: 3 }), /its weights lack bert\.encoder\.layer\.2.*config\.json must be that/],
    ['fewer layers', 'bert', config({ num_hidden_layers: 1 }), /no place for bert\.encoder\.layer\.1.*and 13 more/],
    ['another width inside', 'bert', config({ intermediate_size: 25 }), /intermediate\.dense\.weight is \[24,16\], not \[25,16\]/],
    ['labels with a gap', 'bert', config({ id2label: { 0: 'a', 1: 'b', 3: 'c' } }), /none of the number 2/],
    ['labels of one name', 'bert', config({ id2label: { 0: 'a', 1: 'b', 2: 'a' } }), /two labels are called "a".*--labels/],
    ['no head', 'distilbert', (folder) => dropWeights(folder, /classifier/), /lack pre_classifier\.weight.*fine-tuned to classify/],
    ['weights of PyTorch alone', 'bert', without(['model.safetensors'], 'pytorch_model.bin'), /convert pytorch_model\.bin/],
    ['no tokenizer', 'bert', without(['tokenizer.json', 'vocab.txt']), /no tokenizer\.json, no vocab\.txt/],
    ['a SentencePiece model alone', 'roberta', without(['tokenizer.json', 'vocab.json'], 'sentencepiece.bpe.model'), /SentencePiece model is not read.*save_pretrained/],
    ['letters of no said size', 'bert', without(['tokenizer.json', 'tokenizer_config.json']), /capital letters are made small.*"do_lower_case": true/],
    ['two words on capital letters', 'bert', (folder) => change(folder, 'tokenizer_config.json', { do_lower_case: false }), /tokenizer\.json makes capital letters small.*do_lower_case false/],
    ['a tokenizer with more tokens', 'bert', (folder) => change(folder, 'tokenizer.json', { added_tokens: [{ id: 999, content: '[NEW]' }] }), /has 1000 tokens, the model knows/],
    ['a tokenizer that no browser reads', 'bert', (folder) => change(folder, 'tokenizer.json', { pre_tokenizer: { type: 'UnicodeScripts' } }), /tokenizer\.json: .*@huggingface\/tokenizers/],
    ['texts longer than its positions', 'bert', async () => undefined, /--max-tokens 41: the model has positions for 40/, { maxTokens: 41 }],
    ['names for other labels', 'bert', async () => undefined, /--labels: 2 names were given; the model has 3/, { labels: ['a', 'b'] }],
  ]; // biome-ignore format: a table
  for (const [what, kind, spoil, message, options] of cases)
    test(what, async () => {
      const folder = await copyOf(kind);
      await spoil(folder);
      const error = await readForeign(folder, options).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'UsageError', fix: expect.stringMatching(/.{10}/) });
      expect((error as Error).message).toMatch(message);
    });

  test('a folder that is none, and one without a config', async () => {
    await expect(readForeign(join(home, 'nowhere'))).rejects.toThrow(/there is no such folder/);
    await expect(readForeign(home)).rejects.toThrow(/there is no config\.json/);
  });

  test('int8 without texts that say what it may change', async () => {
    const foreign = await readForeign(golden('bert'));
    await expect(importModel(foreign, { name: 'x', to: home, precision: ['fp32', 'int8'] })).rejects.toThrow(
      /--precision int8.*--calibrate/,
    );
  });
});

async function dropWeights(folder: string, names: RegExp): Promise<void> {
  const stored = await readWeights(folder);
  await writeWeights(join(folder, 'model.safetensors'), new Map([...stored].filter(([name]) => !names.test(name))));
}
