import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runFiles } from '../../models/index.js';
import { checkpointNames } from '../trainer/checkpoint.js';
import { parseConfig } from '../trainer/parse-config.js';
import { readPretrained } from '../trainer/pretrained.js';
import { hashOf } from '../trainer/testing/small-run.js';
import { trainRun } from '../trainer/train-run.js';
import { checkpointFolder } from '../trainer/training-loop.js';
import { parsePretrainConfig } from './config.js';
import { modelFolder, type PretrainEvent, pretrainRun } from './pretrain-run.js';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-pretrain-'));
  const [who, what] = ['bakers ministers rivers cats judges trains farmers', 'soup bridges budgets bees harbours strikes snow'];
  const rows = who!.split(' ').flatMap((a, i) =>
    what!.split(' ').map((b, k) => ({
      text: (i + k) % 2 ? `${a} vote on ${b} after a long debate` : `${10 + i} things ${a} never tell you about ${b}`,
      label: (i + k) % 2 ? 'news' : 'clickbait',
      ...(k === 0 ? { pair: `why ${b} and ${a}` } : {}),
    })),
  );
  await writeFile(join(home, 'texts.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  const single = rows.filter(({ pair }) => pair === undefined);
  await writeFile(join(home, 'train.jsonl'), single.map((row) => JSON.stringify(row)).join('\n'));
});
afterAll(() => rm(home, { recursive: true }));

const sizes = { layers: 1, width: 16, heads: 2, intermediate: 32, vocabularySize: 120 };
const small = (model: object = {}, training: object = {}, more: object = {}) =>
  parsePretrainConfig(
    JSON.stringify({
      name: 'small',
      data: { texts: 'texts.jsonl', val: 0.2 },
      model,
      text: { maxTokens: 24 },
      training: { epochs: 4, batchSize: 8, accumulate: 2, ema: { decay: 0.9, start: 3 }, evaluateEvery: 6, checkpointEvery: 4, threads: 1, ...training },
      ...more,
    }),
    join(home, 'config.json'),
  ); // biome-ignore format: one config

async function carryOut(
  folder: string,
  config: ReturnType<typeof small>,
  { stopAt, ...resumed }: { readonly stopAt?: number; readonly resume?: boolean } = {},
) {
  const stop = new AbortController();
  const events: PretrainEvent[] = [];
  for await (const event of pretrainRun({ config, folder, signal: stop.signal, ...resumed })) {
    events.push(event);
    if (event.kind === 'step' && event.step === stopAt) stop.abort();
  }
  return events;
}

async function resultOf(folder: string) {
  const log = (await readFile(join(folder, runFiles.log), 'utf8')).trim().split('\n');
  const entries = log.map((line) => {
    const { examplesPerSecond: _, ...entry } = JSON.parse(line) as Record<string, unknown>;
    return entry;
  });
  return { entries, weights: await hashOf(join(modelFolder(folder), 'model.safetensors')) };
}

const kinds = { bert: sizes, rotary: { ...sizes, positions: 'rotary' }, gpt2: { ...sizes, kind: 'gpt2' } };

describe.each(Object.entries(kinds))('%s', (name, model) => {
  test('a run that was stopped and gone on with is the unbroken one, bit by bit', async () => {
    const [whole, broken] = [join(home, `${name}-whole`), join(home, `${name}-broken`)];
    const events = await carryOut(whole, small(model));
    expect(events.filter(({ kind }) => kind === 'step')).toHaveLength(20);
    let last = await carryOut(broken, small(model), { stopAt: 3 });
    expect(last.at(-1)).toMatchObject({ kind: 'end', reason: 'interrupted' });
    last = await carryOut(broken, small(model), { resume: true, stopAt: 9 });
    await expect(access(modelFolder(broken))).rejects.toThrow();
    last = await carryOut(broken, small(model), { resume: true });
    expect(last.at(-1)).toMatchObject({ kind: 'finished', model: modelFolder(broken) });
    expect(await resultOf(broken)).toEqual(await resultOf(whole));
    expect(await checkpointNames(checkpointFolder(broken))).toEqual([]);
    expect((await readdir(modelFolder(broken))).sort()).toEqual([
      'config.json', 'model.safetensors', 'special_tokens_map.json', 'tokenizer.json', 'tokenizer_config.json',
    ]); // biome-ignore format: one list
  });

  test('it learns, and tells more than one who knows how often each token comes', async () => {
    const folder = join(home, `${name}-learnt`);
    const events = await carryOut(folder, small(model, { epochs: 60, evaluateEvery: 60, checkpointEvery: 300, learningRate: 1e-2 }));
    const [start, end] = [events[0], events.at(-1)];
    if (start?.kind !== 'prepared' || end?.kind !== 'finished') throw new Error('the run did not end');
    const { guess, graphs } = start.prepared;
    expect(end.told.loss).toBeLessThan(guess.loss - 0.5);
    expect(end.told.accuracy).toBeGreaterThan(guess.accuracy);
    expect(end.told.perplexity).toBeCloseTo(Math.exp(end.told.loss), 6);
    expect(graphs.training.trained.size).toBe(graphs.training.parameters.length);
    expect(await readFile(end.report, 'utf8')).toContain('how often each token comes');
  });

  test('it can be gone on with: the model that was saved is the one that is started from', async () => {
    const folder = join(home, `${name}-more`);
    const from = modelFolder(join(home, `${name}-learnt`));
    const { kind } = { kind: 'bert', ...model };
    const [start] = await carryOut(folder, small({ kind, pretrained: from }, { learningRate: 1e-4 }), { stopAt: 1 });
    if (start?.kind !== 'prepared') throw new Error('nothing was prepared');
    expect(start.prepared).toMatchObject({ unused: [], initialised: [] });
    const { encoder } = await readPretrained(from);
    expect(start.prepared.model).toMatchObject({ ...encoder, ...model, vocabularySize: start.prepared.vocabulary.pieces.length });
  });
});

test('a classifier starts from it, with the vocabulary of the texts alone where that is asked for', async () => {
  const config = (more: object) =>
    parseConfig(
      JSON.stringify({
        name: 'after',
        data: { train: 'train.jsonl' },
        model: { pretrained: modelFolder(join(home, 'bert-learnt')), ...more },
        text: { maxTokens: 24 },
        training: { epochs: 1, threads: 1 },
      }),
      join(home, 'after.json'),
    );
  const prepared = async (folder: string, more: object) => {
    for await (const event of trainRun({ config: config(more), folder: join(home, folder) }))
      if (event.kind === 'prepared') return event.prepared;
    throw new Error('nothing was prepared');
  };
  const all = await prepared('after', {});
  expect(all.initialised).toEqual(['classifier.weight', 'classifier.bias']);
  expect(all.unused.every((name) => name.startsWith('cls.predictions.'))).toBe(true);
  const rows = ({ weights }: typeof all) => weights.get('bert.embeddings.word_embeddings.weight')!.length / sizes.width;
  const pruned = await prepared('after-pruned', { keepTokens: 1 });
  expect(rows(pruned)).toBeLessThan(rows(all));
  expect(pruned.definition.architecture).toMatchObject({ vocabularySize: rows(pruned) });
});

test('what cannot be is refused before the first step', async () => {
  const refused = async (config: () => ReturnType<typeof small>) => carryOut(join(home, 'refused'), config());
  await expect(refused(() => small({ kind: 'gpt2' }, {}, { masking: {} }))).rejects.toThrow(/masking: a gpt2 tells.*Fix: take masking out/);
  await expect(refused(() => small({ kind: 'xlnet' }))).rejects.toThrow(/model\.kind: expected one of bert, gpt2/);
  await expect(refused(() => small({ pooling: 'cls' }))).rejects.toThrow(/unknown key model\.pooling/);
  await expect(refused(() => small({ ...sizes, maxPositions: 16 }))).rejects.toThrow(/text\.maxTokens 24: the model has positions for 16/);
  await expect(refused(() => small({ keepTokens: 'used' }))).rejects.toThrow(/model\.keepTokens: a vocabulary made here.*Fix: take it out/);
  const from = modelFolder(join(home, 'gpt2-learnt'));
  await expect(refused(() => small({ pretrained: from }))).rejects.toThrow(/model\.kind is bert, .* holds gpt2/);
  await expect(refused(() => small({ kind: 'gpt2', pretrained: from, width: 32 }))).rejects.toThrow(
    /model\.width: the pre-trained model has/,
  );
  await expect(carryOut(join(home, 'bert-whole'), small(sizes), { resume: true })).rejects.toThrow(
    /this run is finished\. Fix: start from it: "model": \{ "pretrained": ".*model" \}/,
  );
});
