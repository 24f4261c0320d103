import { describe, expect, test } from 'vitest';
import { parseConfig } from '../trainer/parse-config.js';
import { planAblation } from './plan-ablation.js';
import { type Overrides, tricks } from './tricks.js';

const parser =
  (config: object = {}) =>
  (overrides: Overrides) =>
    parseConfig(JSON.stringify({ name: 'n', data: { train: 't.jsonl' }, ...config }), 'n.json', overrides);
const namesOf = (config: object, options: Parameters<typeof planAblation>[1]) => planAblation(parser(config), options).variants.map(({ name }) => name); // biome-ignore format: short

const plain = {
  training: { ema: { decay: 0 }, optimizer: { clip: 0 }, schedule: { kind: 'constant', warmup: 0 } },
  model: { pooling: 'cls' },
};

describe('switching off', () => {
  test('takes what the config turns on, defaults among it, and nothing else', () => {
    expect(namesOf({}, { mode: 'remove' })).toEqual(
      ['model.pooling', 'training.ema', 'training.optimizer.clip', 'training.schedule'].map((key) => `without-${key}`),
    );
    expect(namesOf({ ...plain, objective: { rDrop: {} }, data: { train: 't', sampling: 'oversample' } }, { mode: 'remove' })).toEqual([
      'without-objective.rDrop',
      'without-data.sampling',
    ]);
  });

  test('changes that key alone', () => {
    const { base, variants } = planAblation(parser({ objective: { rDrop: { weight: 2 } } }), { mode: 'remove', only: ['rDrop'] });
    expect(base.config.objective.rDrop).toEqual({ weight: 2 });
    const { rDrop, ...objective } = base.config.objective;
    expect(JSON.stringify(variants[0]!.config)).toBe(JSON.stringify({ ...base.config, objective }));
    expect(rDrop).toBeDefined();
  });

  test('of a trick that is not on is refused, and so is a plain config', () => {
    const off = { mode: 'remove', only: ['objective.rDrop'] } as const;
    expect(() => planAblation(parser(), off)).toThrow(/objective\.rDrop: the config does not turn it on\. Fix: .*--add/);
    expect(() => planAblation(parser(plain), { mode: 'remove' })).toThrow(/turns no trick on\. Fix: add --add/);
  });

  test('an unknown trick is told the nearest', () => {
    expect(() => planAblation(parser(), { mode: 'remove', only: ['rdrop'] })).toThrow(/no trick rdrop\. Fix: did you mean rDrop\?/);
    expect(() => planAblation(parser(), { mode: 'remove', only: ['zzzzzz'] })).toThrow(/use some of objective\.loss/);
  });
});

describe('switching on', () => {
  test('takes what the config leaves off and has defaults', () => {
    const names = namesOf(plain, { mode: 'add' });
    expect(names).toEqual(expect.arrayContaining(['with-objective.rDrop', 'with-training.ema', 'with-training.optimizer.layerDecay']));
    expect(names).not.toContain('with-objective.uda');
    const { variants } = planAblation(parser(plain), { mode: 'add', only: ['ema', 'pooling'] });
    expect(variants[0]!.config.training.ema.decay).toBeGreaterThan(0.9);
    expect(variants[1]!.config.model.pooling).toBe('attention');
  });

  test('of what is on already, or needs more said, is refused', () => {
    expect(() => planAblation(parser(), { mode: 'add', only: ['training.ema'] })).toThrow(/training\.ema: the config turns it on already/);
    expect(() => planAblation(parser(), { mode: 'add', only: ['uda'] })).toThrow(/objective\.uda: it has no defaults/);
  });
});

test('a fault of the config itself is that of the config', () => {
  expect(() => planAblation(parser({ epochs: 3 }), { mode: 'remove' })).toThrow(/unknown key epochs/);
});

test.each(tricks.map((trick) => [trick.key, trick] as const))(
  '%s: the config takes it off and, where it has defaults, on',
  (_key, { off, on }) => {
    const parse = parser(plain);
    expect(JSON.stringify(parse(off))).toBe(JSON.stringify(parse({})));
    if (on) expect(JSON.stringify(parse(on))).not.toBe(JSON.stringify(parse({})));
  },
);
