import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { leavesOf } from '../trainer/schema-keys.js';
import { parsePretrainConfig, pretrainConfigSchema } from './config.js';

const pageOf = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const keysIn = (page: string): readonly string[] =>
  [...page.matchAll(/^\| (`[\w.]+`(?:, `[\w.]+`)*) *\|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([\w.]+)`/g)].map(([, key]) => key!),
  );

test('docs/pretrain.md names every key that docs/config.md does not have alike, and no other', () => {
  const documented = keysIn(pageOf('pretrain.md'));
  expect(new Set(documented).size).toBe(documented.length);
  const shared = keysIn(pageOf('config.md')).filter((key) => key.startsWith('training.'));
  const own = leavesOf(pretrainConfigSchema).filter((key) => documented.includes(key) || !shared.includes(key));
  expect(documented.toSorted()).toEqual(own.toSorted());
  expect(leavesOf(pretrainConfigSchema).filter((key) => /metric|trainOnly/.test(key))).toEqual([]);
});

test('the example of the page is a config, and defaults are as the page says', () => {
  const [, example] = /```json\n([\s\S]+?)```/.exec(pageOf('pretrain.md'))!;
  const config = parsePretrainConfig(example!, '/home/words.json');
  expect(config.data).toEqual({
    texts: ['/home/posts.jsonl', '/home/old-posts.csv.gz'],
    heldOut: ['/home/test.jsonl'],
    val: 0.05,
    fields: {},
  });
  expect(config.masking).toEqual({ rate: 0.15, mask: 0.8, random: 0.1, keep: 0.1, wholeWord: true });
  expect(config.training).toMatchObject({ epochs: 10, batchSize: 64, learningRate: 1e-3 });
  const least = parsePretrainConfig('{"name": "n", "data": {"texts": "a.jsonl"}, "model": {"pretrained": "m"}}', '/home/words.json');
  expect(least.training).toMatchObject({ epochs: 20, learningRate: 1e-4 });
  expect(least.model).toEqual({ kind: 'bert', pretrained: '/home/m' });
});

test('an unknown key is told the nearest known one, a wrong value what would be right', () => {
  const parse = (more: object) => () => parsePretrainConfig(JSON.stringify({ name: 'n', data: { texts: 'a' }, ...more }), 'c.json');
  expect(parse({ masking: { ratio: 0.2 } })).toThrow('c.json: unknown key masking.ratio. Fix: did you mean masking.rate?');
  expect(parse({ data: {} })).toThrow(/data\.texts is missing: give a path, or a list of paths\. Fix: add data\.texts; docs\/pretrain\.md/);
  expect(parse({ training: { metric: 'auc' } })).toThrow(/unknown key training\.metric/);
});
