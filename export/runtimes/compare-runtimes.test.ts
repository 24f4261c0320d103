import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, findBundles } from '../../models/bundle/node.js';
import type { TextInput } from '../../models/index.js';
import { goldenPath } from '../../test/golden.js';
import { pythonTest } from '../../test/python.js';
import { importModel, readForeign } from '../index.js';
import { agreement, compareRuntimes } from './compare-runtimes.js';
import { onnxruntimePython, optimum } from './python.js';
import type { Runtime } from './runtime.js';
import { transformersJs } from './transformers-js.js';

const texts: readonly TextInput[] = [
  'The council voted to repair the old bridge before winter.',
  'You will not believe what this baker puts into her bread',
  'MINISTER RESIGNS over #bridge, says @office: https://example.org/a?b=c',
  'naïve café, 17 photographs of harbours & it’s raining again…',
  '市议会昨天决定修复旧桥。紧急通知：明天全市停水三天，请转发！',
  'Мост закрыт до понедельника. الجسر مغلق',
  'Go away, you idiot, nobody wants people like you here',
  '👩‍👩‍👧 😀',
  'rain',
];
const long = 'The mayor said so. '.repeat(60);

let home: string;
const bundles: Record<string, Bundle> = {};
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-runtimes-'));
  for (const bundle of await findBundles([new URL('../../models/zoo', import.meta.url).pathname])) bundles[bundle.manifest.name] = bundle;
  for (const kind of ['bert', 'distilbert', 'roberta']) {
    const foreign = await readForeign(goldenPath(`classifiers/${kind}`));
    bundles[kind] = (await importModel(foreign, { name: kind, to: home })).bundle;
  }
});
afterAll(() => rm(home, { recursive: true }));

/** Every bundle, each with every file it has. */
async function agrees(runtime: Runtime, asked: readonly TextInput[], models = Object.values(bundles)): Promise<void> {
  for (const bundle of models) {
    let compared = 0;
    for await (const one of compareRuntimes(bundle, asked, [runtime])) {
      const where = `${bundle.manifest.name} ${one.precision}`;
      if ('skipped' in one) throw new Error(`${where}: ${one.skipped}`);
      const { alike, cut } = one;
      expect([alike.texts + (cut?.texts ?? 0), alike.sameLabels], where).toEqual([asked.length, 1]);
      expect(alike.largestDifference, where).toBeLessThan(1e-5);
      compared += 1;
    }
    expect(compared).toBe(Object.keys(bundle.manifest.models).length);
  }
}

describe('a bundle’s folder, opened as it is', () => {
  const pairs = texts.slice(1, 4).map((text, i): TextInput => [texts[i] as string, text as string]);
  const ways: readonly (readonly [Runtime, readonly string[]])[] = [
    [onnxruntimePython, ['onnxruntime', 'tokenizers', 'numpy']],
    [optimum, ['optimum', 'onnxruntime', 'transformers', 'torch']],
  ];
  /** Each opening of a bundle imports PyTorch anew, where that is needed. */
  const opened = ['headlines-en', 'comments-en', 'distilbert', 'roberta'];

  test('transformers.js gives the scores that we give', async () => {
    expect(Object.keys(bundles).length).toBeGreaterThanOrEqual(6);
    await agrees(transformersJs, texts);
  });
  test('transformers.js gives them for pairs', () => agrees(transformersJs, pairs, [bundles.bert!, bundles.roberta!]));
  test('a text that transformers.js cuts in its own way is not counted among those that it reads as we do', async () => {
    const [one] = await all(compareRuntimes(bundles['headlines-en']!, [...texts, long], [transformersJs]));
    expect(one).toMatchObject({ alike: { texts: texts.length }, cut: { texts: 1, why: expect.stringMatching(/special token/) } });
  });

  for (const [runtime, packages] of ways) {
    pythonTest(`${runtime.title} gives the scores that we give, also for pairs and for texts that are too long`, packages, async () => {
      await agrees(runtime, [...texts, long], opened.map((name) => bundles[name]!)); // biome-ignore format: one line
      await agrees(runtime, pairs, [bundles.roberta!]);
    });
  }
});

describe('agreement', () => {
  test('is counted by the answer, and the largest difference of any score is kept', () => {
    const ours = [[0.9, 0.1], [0.6, 0.4]]; // biome-ignore format: a matrix
    const theirs = [[0.8, 0.2], [0.4, 0.6]]; // biome-ignore format: a matrix
    expect(agreement('softmax', ours, theirs)).toEqual({ texts: 2, sameLabels: 0.5, largestDifference: expect.closeTo(0.2) });
    expect(agreement('sigmoid', ours, theirs).sameLabels).toBe(0.5);
  });
  test('is not there where a score is missing or no number', () => {
    expect(agreement('softmax', [[0.9, 0.1]], [])).toMatchObject({ sameLabels: 0, largestDifference: Number.NaN });
    expect(agreement('none', [[3]], [[Number.NaN]]).largestDifference).toBeNaN();
  });
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
