import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runFiles, tensorOf, toStored, type Weights } from '../../models/index.js';
import { readRun } from '../../models/run/node.js';
import { readWeights, writeWeights } from '../../models/weights/node.js';
import { prepare } from './prepare.js';
import { carryOut, readSmallConfig, writeSmallData } from './testing/small-run.js';

let home: string;
let path: string;
let bert: string;
let weights: Weights;
let run: string;
const hubConfig = {
  model_type: 'bert',
  hidden_size: 16,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 16,
  max_position_embeddings: 128,
  hidden_dropout_prob: 0,
};

/** A small run's weights as Hugging Face would hold an encoder: no prefix, no head, a pooler besides. */
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-pretrained-'));
  path = await writeSmallData(home);
  run = join(home, 'run');
  await carryOut(run, await readSmallConfig(path, { notice: 'Made from headlines.' }));
  weights = await readWeights(join(run, runFiles.weights));
  const encoder = [...weights].flatMap(([name, tensor]) =>
    name.startsWith('bert.') ? [[name.slice('bert.'.length), tensor] as const] : [],
  );
  bert = join(home, 'bert');
  await writeWeights(
    join(bert, 'model.safetensors'),
    new Map([...encoder, ['pooler.dense.bias', tensorOf('float32', [16], new Float32Array(16))]]),
  );
  const [vocabulary] = weights.get('bert.embeddings.word_embeddings.weight')!.dims;
  await writeFile(join(bert, 'config.json'), JSON.stringify({ ...hubConfig, vocab_size: vocabulary }));
  await cp(join(run, runFiles.tokenizer), join(bert, 'tokenizer.json'));
});
afterAll(() => rm(home, { recursive: true }));

/** The small config without sizes of its own, from the folder `pretrained`. */
async function fromFolder(pretrained: string, model: object = {}, overrides: Readonly<Record<string, unknown>> = {}) {
  return prepare(await readSmallConfig(path, { model: { pretrained, ...model }, ...overrides }));
}

test('weights and sizes are those of the folder; the head is new; what nothing took is said', async () => {
  const prepared = await fromFolder(bert);
  expect(prepared.definition.architecture).toMatchObject({
    layers: 1,
    width: 16,
    dropout: 0,
    attentionDropout: 0.1,
    layerNormEpsilon: 1e-12,
  });
  expect(prepared.initialised).toEqual(['classifier.weight', 'classifier.bias']);
  expect(prepared.unused).toEqual(['pooler.dense.bias']);
  const table = 'bert.embeddings.word_embeddings.weight';
  expect(prepared.weights.get(table)).toEqual(weights.get(table)!.data);
  const dense = weights.get('bert.encoder.layer.0.intermediate.dense.weight')!; // kept as [outputs, inputs], multiplied by as [inputs, outputs]
  expect(prepared.weights.get('bert.encoder.layer.0.intermediate.dense.weight')![1]).toBe(dense.data[dense.dims[1]!]);
});

const tensorsOf = (prepared: Awaited<ReturnType<typeof prepare>>): Weights =>
  new Map(
    prepared.parameters.map(({ value: { name, shape } }) => [name, tensorOf('float32', shape.map(Number), prepared.weights.get(name)!)]),
  );

test('dropout may be set anew', async () => {
  expect((await fromFolder(bert, { dropout: 0.3 })).definition.architecture).toMatchObject({ dropout: 0.3 });
});

describe('from a run of our own', () => {
  const head = ['classifier.weight', 'classifier.bias'];

  test('with its labels, training goes on with all of it; the notice goes along', async () => {
    const prepared = await fromFolder(run);
    expect(prepared).toMatchObject({ initialised: [], unused: [], terms: { notice: 'Made from headlines.' } });
    expect(prepared.definition.architecture).toEqual((await readRun(run)).run.architecture);
    expect(toStored(prepared.parameters, tensorsOf(prepared))).toEqual(weights);
    const further = join(home, 'further');
    await carryOut(further, await readSmallConfig(path, { model: { pretrained: run }, license: 'MIT', 'training.epochs': 1 }));
    expect((await readRun(further)).run).toMatchObject({ license: 'MIT', notice: 'Made from headlines.' });
  });

  test('with other labels its head is new', async () => {
    const prepared = await fromFolder(run, {}, { 'data.rename': { clickbait: 'lure' } });
    expect(prepared.dataset.labels).toEqual(['lure', 'news']);
    expect(prepared).toMatchObject({ initialised: head, unused: [] });
    expect(prepared.weights.get('classifier.weight')).not.toEqual((await fromFolder(run)).weights.get('classifier.weight'));
  });

  test('its architecture holds, but for what training may choose', async () => {
    const { definition, initialised } = await fromFolder(run, { pooling: 'attention', dropout: 0.4 });
    expect(definition.architecture).toMatchObject({ pooling: 'attention', dropout: 0.4, width: 16 });
    expect(initialised).toEqual(['attention_pool.weight', 'attention_pool.bias']);
    await expect(fromFolder(run, { layers: 2 })).rejects.toThrow(/model\.layers: the pre-trained model has its own sizes/);
  });

  test('cut to the pieces that are used, and its word vectors alone', async () => {
    const { definition } = await fromFolder(run, { keepTokens: 'used' });
    expect(definition.architecture.kind === 'bert' && definition.architecture.vocabularySize).toBeLessThan(120);
    const words = await fromFolder(run, { take: 'words', width: 8, layers: 2, heads: 2, intermediate: 16 });
    expect(words.definition.architecture).toMatchObject({ width: 8, layers: 2 });
  });

  test('one that is not finished says how to go on', async () => {
    const folder = join(home, 'unfinished');
    await carryOut(folder, await readSmallConfig(path), { stopAt: 3 });
    await expect(fromFolder(folder)).rejects.toThrow(/not finished.*--resume/);
  });
});

describe('a folder that cannot be started from is refused', () => {
  const changed = async (name: string, change: (folder: string) => Promise<void>): Promise<string> => {
    const folder = join(home, name);
    await cp(bert, folder, { recursive: true });
    await change(folder);
    return folder;
  };
  const configured = (name: string, text: string) => changed(name, (folder) => writeFile(join(folder, 'config.json'), text));
  const hub = async (name: string, change: object) => {
    const given = JSON.parse(await readFile(join(bert, 'config.json'), 'utf8')) as object;
    return configured(name, JSON.stringify({ ...given, ...change }));
  };

  test.each(['config.json', 'tokenizer.json', 'model.safetensors'])('%s is missing', async (file) => {
    const folder = await changed(`without-${file}`, (copy) => rm(join(copy, file)));
    await expect(fromFolder(folder)).rejects.toMatchObject({ code: 'weights/missing', message: expect.stringContaining(folder) });
  });

  test('a folder that is not there', async () => {
    await expect(fromFolder(join(home, 'nowhere'))).rejects.toThrow(
      /model\.pretrained: \S+nowhere\/config\.json cannot be read\. Fix: give a folder with/,
    );
  });

  test('config.json is no JSON, or no object', async () => {
    await expect(fromFolder(await configured('no-json', '{'))).rejects.toThrow(/config\.json: not a JSON object\. Fix: give a BERT/);
    await expect(fromFolder(await configured('list', '[]'))).rejects.toThrow(/config\.json: not a JSON object/);
  });

  test.each([
    [{ model_type: 'electra' }, /config\.json: model_type is "electra": /],
    [{ hidden_act: 'relu' }, /hidden_act is "relu": /],
    [{ hidden_size: undefined }, /hidden_size: .*expected number/],
    [{ num_attention_heads: 3 }, /heads: width must be a multiple of heads/],
    [
      { hidden_size: 32, num_attention_heads: 2 },
      /pre-trained bert\.embeddings\.word_embeddings\.weight is \[\d+,16\], the model wants \[\d+,32\]/,
    ],
    [{ vocab_size: 50 }, /tokenizer\.json has \d+ tokens, the model has embeddings for 50\. Fix: give the tokenizer\.json that belongs/],
  ])('config.json with %j', async (change, message) => {
    const folder = await hub(`hub-${Object.keys(change)[0]}-${Object.values(change)[0]}`, change);
    await expect(fromFolder(folder)).rejects.toThrow(message);
    await expect(fromFolder(folder)).rejects.toMatchObject({ code: 'weights/invalid' });
  });

  test('weights that are cut short', async () => {
    const folder = await changed('cut', async (copy) => {
      const file = join(copy, 'model.safetensors');
      await writeFile(file, (await readFile(file)).subarray(0, 500));
    });
    await expect(fromFolder(folder)).rejects.toMatchObject({ code: 'weights/invalid' });
  });
});

describe('a config that does not fit the model is refused', () => {
  test('sizes beside pre-trained weights', async () => {
    await expect(fromFolder(bert, { width: 32 })).rejects.toThrow(
      /model\.width: the pre-trained model has its own sizes\. Fix: remove model\.width/,
    );
  });

  test('more tokens than positions', async () => {
    await expect(fromFolder(bert, {}, { 'text.maxTokens': 129 })).rejects.toThrow(
      /text\.maxTokens 129: the model has positions for 128 tokens/,
    );
  });

  test('a pooling over more layers than there are', async () => {
    await expect(fromFolder(bert, { pooling: 'last-four' })).rejects.toThrow(/last-four pooling needs at least 3 layers/);
    await expect(prepare(await readSmallConfig(path, { 'model.pooling': 'last-four' }))).rejects.toThrow(
      /model\.layers: last-four pooling/,
    );
  });

  test('heads that do not divide the width', async () => {
    await expect(prepare(await readSmallConfig(path, { 'model.heads': 3 }))).rejects.toThrow(
      /model\.heads: width must be a multiple of heads/,
    );
  });

  test('patterns that match no parameter, and a label to hold that there is not', async () => {
    await expect(prepare(await readSmallConfig(path, { 'training.trainOnly': ['^head'] }))).rejects.toThrow(/no parameter matches \^head/);
    await expect(prepare(await readSmallConfig(path, { 'policy.hold': ['spam'] }))).rejects.toThrow(
      /policy\.hold: there is no label "spam"\. Fix: use some of clickbait, news/,
    );
  });
});
