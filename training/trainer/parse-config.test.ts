import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../models/index.js';
import { parseConfig } from './parse-config.js';

const least = { name: 'mine', data: { train: 'train.jsonl' } };
const parse = (raw: object, overrides: Readonly<Record<string, unknown>> = {}) =>
  parseConfig(JSON.stringify(raw), 'desk/mine.json', overrides);

test('the least that a config needs, and the defaults that hang on where the weights come from', () => {
  expect(parse(least).training).toMatchObject({ learningRate: 1e-3, batchSize: 32 });
  expect(parse({ ...least, model: { pretrained: 'x' } }).training.learningRate).toBeUndefined(); // it hangs on the width
  expect(parse({ ...least, model: { pretrained: 'x', take: 'words' } }).training).toMatchObject({ learningRate: 1e-3 });
  expect(parse({ ...least, training: { epochs: 2 } }).training.epochs).toBe(2);
});

test('paths are taken from the folder of the config', () => {
  const config = parse({ ...least, data: { train: 'a/train.jsonl', val: '/data/val.csv' }, model: { pretrained: '../bert' } });
  expect(config.data).toMatchObject({ train: resolve('desk/a/train.jsonl'), val: '/data/val.csv' });
  expect(config.model.pretrained).toBe(resolve('bert'));
});

test('a config as resolved is a config, and resolves to itself', () => {
  const config = parse({ ...least, training: { schedule: { kind: 'cosine' }, trainOnly: ['^classifier'] } });
  expect(parseConfig(JSON.stringify(config), '/elsewhere/config.json')).toEqual(config);
});

describe('--set', () => {
  test('changes a value at any depth, and makes the way to it', () => {
    const { training, text } = parse(least, { 'training.epochs': 7, 'training.schedule.warmup': 20, 'text.lowercase': false });
    expect([training.epochs, training.schedule.warmup, text.lowercase]).toEqual([7, 20, false]);
  });

  test.each([
    ['training.epohcs', 3, /unknown key training\.epohcs\. Fix: did you mean training\.epochs\?/],
    ['training.ema.decay', 2, /training\.ema\.decay is 2: .*<1\. Fix: correct training\.ema\.decay/],
    ['training.epochs', '5x', /training\.epochs is "5x": expected number/],
    ['name.first', 'x', /--set name\.first: name is "mine" and has no keys\. Fix: set name itself/],
    ['__proto__.polluted', true, /no such key/],
    ['training.__proto__', {}, /no such key/],
    ['constructor.prototype.polluted', true, /unknown key constructor/],
    ['training.', 1, /--set training\.: no such key/],
  ])('%s=%j is refused', (key, value, message) => {
    expect(() => parse(least, { [key]: value })).toThrow(message);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('what is wrong is named by its key, with what was given', () => {
  test.each([
    ['an unknown key', { ...least, nmae: 'x' }, /desk\/mine\.json: unknown key nmae\. Fix: did you mean name\?/],
    [
      'one inside',
      { ...least, training: { schedule: { warmpu: 1 } } },
      /unknown key training\.schedule\.warmpu\. Fix: did you mean training\.schedule\.warmup\?/,
    ],
    [
      'one inside a part that is refined',
      { ...least, data: { train: 'x', trian: 'x' } },
      /unknown key data\.trian\. Fix: did you mean data\.train\?/,
    ],
    [
      'one of another kind of model',
      { ...least, model: { kind: 'endef', vocabularySize: 9 } },
      /unknown key model\.vocabularySize\. Fix: use one of kind, .*content/,
    ],
    [
      'one like no other',
      { ...least, wheels: 4 },
      /unknown key wheels\. Fix: use one of name, data, model, text, augmentation, objective, training, policy/,
    ],
    ['a missing name', { data: least.data }, /name is missing: expected string\. Fix: add name; examples\/headlines\.json/],
    ['missing data', { name: 'mine' }, /data is missing/],
    ['no file of data', { name: 'mine', data: {} }, /data\.train is missing/],
    [
      'another type',
      { ...least, training: { batchSize: '32' } },
      /training\.batchSize is "32": expected number\. Fix: correct training\.batchSize/,
    ],
    ['a part that is no object', { ...least, training: 5 }, /training is 5: expected object/],
    ['a number out of range', { ...least, training: { epochs: 0 } }, /training\.epochs is 0: /],
    [
      'a choice that there is not',
      { ...least, model: { pooling: 'max' } },
      /model\.pooling is "max": expected one of "cls"\|"mean"\|"last-four"\|"attention"/,
    ],
    ['a pattern that is none', { ...least, training: { trainOnly: ['('] } }, /training\.trainOnly\.0 is "\(": give a regular expression/],
    ['a name that is no file name', { ...least, name: '../x' }, /name is "\.\.\/x": use letters, digits/],
    ['val and split at once', { ...least, data: { train: 'a', val: 'b', split: {} } }, /data\.split: give val \(a file\) or split/],
  ])('%s', (_what, raw, message) => {
    expect(() => parse(raw)).toThrow(message);
    expect(() => parse(raw)).toThrow(UsageError);
  });

  test.each([
    ['{"name": "mine",}', /desk\/mine\.json: not JSON: .*Fix: correct it at that place; keys and texts take double quotes/],
    ['', /not JSON/],
    ['[]', /not a JSON object/],
    ['null', /not a JSON object/],
  ])('%s is no config', (text, message) => expect(() => parseConfig(text, 'desk/mine.json')).toThrow(message));
});
