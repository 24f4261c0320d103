/** @file Every architecture on the whole way: a file of texts, a run, a bundle, and the same answers in each runtime. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ArchitectureConfig, fromOnnx, runFiles } from '../models/index.js';
import { createSession } from '../models/runtime/web.js';
import { createTokenizer } from '../models/text/web.js';
import { readWeights } from '../models/weights/node.js';
import { readPretrained } from '../training/index.js';
import { relativeDifference } from './golden.js';
import { exportedRun, finishedRun, recorded, sameWhenServed, withClassifier, writeMatrixData } from './matrix-run.js';

/** Weights of a size at which answers hang on the texts from the start. */
const initializerRange = 0.2;
const bert = { vocabularySize: 200, layers: 1, width: 16, heads: 2, intermediate: 16, initializerRange };
const bigru = { vocabularySize: 200, width: 16, hidden: 8, layers: 1 };
const entity = { kernels: [1, 2, 3], channels: 4, mlp: [8] };
const xlnet = { vocabularySize: 200, layers: 2, width: 16, heads: 2, intermediate: 16, initializerRange };

/** The `model` part of a config, for each kind and what it can be told: a kind without a line does not compile. */
const models: { readonly [K in ArchitectureConfig['kind']]: Readonly<Record<string, object>> } = {
  bert: {
    'cls pooling': { ...bert, pooling: 'cls' },
    'mean pooling': { ...bert, pooling: 'mean' },
    'last-four pooling': { ...bert, pooling: 'last-four', layers: 3 },
    'attention pooling': { ...bert, pooling: 'attention' },
    'rotary positions': { ...bert, positions: 'rotary' },
    'relative positions': { ...bert, positions: 'relative' },
    'exact matches': { ...bert, exactMatch: true },
  },
  bigru: {
    'word vectors of its own': bigru,
    'two layers, a residual and an MLP': { ...bigru, layers: 2, residual: true, mlp: [12] },
    'a BERT underneath': { hidden: 8, layers: 1, encoder: bert },
    'a RoFormer underneath': { hidden: 8, layers: 1, encoder: { ...bert, positions: 'rotary' } },
  },
  distilbert: { 'a head of its own': bert },
  endef: {
    'a BERT and fixed shares': { content: bert, entity },
    'a BERT and learned gates': { content: bert, entity, fusion: 'learned' },
    'a BiGRU and fixed shares': { content: { kind: 'bigru', ...bigru }, entity },
    'a BiGRU over a BERT and learned gates': { content: { kind: 'bigru', hidden: 8, layers: 1, encoder: bert }, entity, fusion: 'learned' },
  },
  roberta: { 'a head of its own': bert },
  xlnet: {
    'max pooling': { ...xlnet, pooling: 'max' },
    'mean pooling': { ...xlnet, pooling: 'mean' },
    'last pooling': { ...xlnet, pooling: 'last' },
  },
};

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-architectures-'));
  await writeMatrixData(home);
});
afterAll(() => rm(home, { recursive: true }));

describe.each(Object.entries(models))('%s', (kind, variants) => {
  test.each(Object.entries(variants))('with %s: trained, exported, served in Node and in a browser alike', async (name, sizes) => {
    const run = await finishedRun(home, `${kind} ${name}`, { model: { kind, ...sizes } });
    const bundle = await exportedRun(run);
    await sameWhenServed(run, bundle);

    // No architecture asks for more than a text when it is served, whatever its training read.
    const { inputs } = fromOnnx(await bundle.modelBytes());
    for (const input of inputs) expect(input.name).toMatch(/^(input_ids|attention_mask|token_type_ids)$/);
    const weights = await readWeights(join(run.folder, runFiles.weights));
    expect([...weights.keys()].filter((weight) => /^(entity|fusion|distillation)\b/.test(weight))).toEqual([]);

    const { inputs: texts, logits } = await recorded(run);
    const inPage = await withClassifier(bundle, async (classifier) => (await classifier.logits(texts)).logits, {
      createSession,
      createTokenizer,
    });
    expect(
      relativeDifference(
        inPage.flatMap((row) => [...row]),
        logits.flat(),
      ),
    ).toBeLessThan(1e-5);

    // What was trained is trained further from its bundle as from its run; the bundle has none of what only training reads.
    const [trained, exported] = [await readPretrained(run.folder), await readPretrained(bundle.folder)];
    expect(exported).toEqual(trained);
    const further = await finishedRun(home, `${kind} ${name} further`, { model: { kind, pretrained: bundle.folder } });
    expect(further.initialised.filter((weight) => !/^(entity|fusion)\b/.test(weight))).toEqual([]);
  });
});

describe('from pre-trained weights, in the form in which a bundle and its run have them', () => {
  const folders: Record<string, string> = {};
  beforeAll(async () => {
    for (const [kind, sizes] of Object.entries({ bert, distilbert: bert, roberta: bert, xlnet })) {
      const run = await finishedRun(home, `${kind} to start from`, { model: { kind, ...sizes } });
      const { folder } = await exportedRun(run);
      const to = join(home, kind);
      for (const file of ['config.json', 'tokenizer.json']) await cp(join(folder, file), join(to, file));
      await cp(join(run.folder, runFiles.weights), join(to, 'model.safetensors'));
      folders[kind] = to;
    }
  });

  test.each([
    ['bert', 'bert', {}],
    ['bert', 'bert, pruned', { keepTokens: 'used' }],
    ['xlnet', 'xlnet', { kind: 'xlnet' }],
    ['distilbert', 'distilbert', { kind: 'distilbert' }],
    ['roberta', 'roberta', { kind: 'roberta' }],
    ['roberta', 'roberta, pruned', { kind: 'roberta', keepTokens: 'used' }],
    ['bert', 'word vectors of a bigru', { kind: 'bigru', hidden: 8 }],
    ['bert', 'encoder of a bigru', { kind: 'bigru', hidden: 8, encoder: {} }],
    ['bert', 'endef', { kind: 'endef', entity, keepTokens: 'used' }],
    ['bert', 'endef over a bigru', { kind: 'endef', content: { kind: 'bigru', hidden: 8, encoder: {} }, entity }],
    ['bert', 'word vectors of a narrower bert', { ...bert, vocabularySize: undefined, width: 8, take: 'words' }],
    ['bert', 'word vectors of a narrower bigru', { kind: 'bigru', width: 8, hidden: 8, take: 'words', keepTokens: 'used' }],
  ])('%s as %s', async (from, name, model) => {
    const run = await finishedRun(home, `from ${name}`, { model: { pretrained: folders[from], ...model } });
    const taken = 'take' in model ? /word_embeddings/ : /^(bert|distilbert|roberta|transformer)\./;
    expect(run.initialised.filter((parameter) => taken.test(parameter))).toEqual([]);
    await sameWhenServed(run, await exportedRun(run));
  });
});

test('endef: the loss of the names is logged beside that of the texts, and other names make other weights', async () => {
  const model = { kind: 'endef', content: bert, entity };
  const named = await finishedRun(home, 'endef named', { model });
  expect(named.steps[0]!.parts).toEqual({ supervised: expect.any(Number), entity: expect.any(Number) });
  expect(named.report).toContain('Parts of the loss');
  const strange = await finishedRun(home, 'endef strange', { model, 'data.fields': { entities: 'strangers' } });
  const [ours, theirs] = await Promise.all([recorded(named), recorded(strange)]);
  expect(relativeDifference(theirs.logits.flat(), ours.logits.flat())).toBeGreaterThan(1e-4);
});
