import { expect, test } from 'vitest';
import { type Answerer, entityFlips } from './entity-flips.js';
import { entitiesInTexts, positionOf, withEntities } from './entity-names.js';
import { auditDataOf } from './records.js';
import { madeUp } from './testing/made-up.js';

const names = ['Ada Venn', 'Ben Orlo'];
const data = auditDataOf([
  madeUp(300, {
    name: 'test',
    change: (record, i) => ({ ...record, time: i * 86400, text: `${names[i % 2]} said ${record.text}`, entities: [names[i % 2]!, 'not there'] }), // biome-ignore format: short
  }),
]);
const textIn = (input: Parameters<Answerer>[0][number]) => (typeof input === 'string' ? input : input.join(' '));
/** Says `bad` by the name alone. */
const byName: Answerer = async (inputs) => inputs.map((input) => (textIn(input).includes('Ada Venn') ? [0.9, 0.1] : [0.2, 0.8]));
/** Never looks at names. */
const bySyllable: Answerer = async (inputs) => inputs.map((input) => (textIn(input).split(' ').at(-1)!.length % 2 === 0 ? [0.7, 0.3] : [0.3, 0.7])); // biome-ignore format: short
const options = { labels: ['bad', 'good'], mask: '[MASK]', seed: 1 };

test('a model that answers by name: its answers flip with the names, not with other words', async () => {
  const flips = (await entityFlips(data, { ...options, answer: byName }))!;
  expect(flips).toMatchObject({ texts: 300, of: 300, split: 'test' });
  expect(flips.all.masked.flipped).toBe(150);
  expect(flips.all.swapped.flipped).toBe(300);
  expect(flips.all.control.flipped).toBe(0);
  expect(flips.all.masked.change).toBeCloseTo(-0.35, 10);
  expect(flips.findings).toMatchObject([{ kind: 'entity-flips', level: 'error' }]);
  expect(flips.findings[0]!.examples[0]!.note).toBe('bad → good without Ada Venn');
  const slice = (name: string) => flips.slices.find((one) => one.name === name)!;
  expect([slice('ada venn').masked.rate, slice('ben orlo').masked.rate]).toEqual([1, 0]);
  expect(new Set(flips.slices.map(({ by }) => by))).toEqual(new Set(['label', 'length', 'period', 'entity']));
  expect(flips.slices.filter(({ by }) => by === 'period')).toHaveLength(4);
});

test('a model that looks at no name does not flip, and that is a note', async () => {
  const flips = (await entityFlips(data, { ...options, answer: bySyllable }))!;
  expect(flips.all.masked).toMatchObject({ flipped: 0, change: 0 });
  expect(flips.findings).toMatchObject([{ level: 'info' }]);
});

test('the names are what changes: all of their occurrences, nothing else, the same for the same seed', async () => {
  const asked: string[][] = [];
  const listen: Answerer = async (inputs) => {
    asked.push(inputs.map(textIn));
    return inputs.map(() => [1, 0]);
  };
  await entityFlips(data, { ...options, answer: listen, limit: 20 });
  const [plain, masked, swapped, control] = asked as [string[], string[], string[], string[]];
  plain.forEach((text, i) => {
    expect(masked[i]).toBe(text.replace(/Ada Venn|Ben Orlo/, '[MASK]'));
    expect(swapped[i]).toBe(text.replace(/Ada Venn|Ben Orlo/, (name) => names.find((one) => one !== name)!));
    expect(control[i]!.match(/\[MASK\]/g)).toHaveLength(2);
    expect(control[i]).toMatch(/Ada Venn|Ben Orlo/);
  });
  await entityFlips(data, { ...options, answer: listen, limit: 20 });
  expect(asked.slice(4)).toEqual(asked.slice(0, 4));
});

test('without names in the texts there is nothing to try', async () => {
  expect(await entityFlips(auditDataOf([madeUp(30)]), { ...options, answer: byName })).toBeUndefined();
  expect(await entityFlips(auditDataOf([]), { ...options, answer: byName })).toBeUndefined();
});

test('a name stands as a word of its own, in any case; in Chinese within the text', () => {
  expect(positionOf('The us and the US', 'US')).toBe(4);
  expect(positionOf('because of us', 'US')).toBe(11);
  expect(positionOf('Austria', 'us')).toBe(-1);
  expect(positionOf('昨天北京下雨', '北京')).toBe(2);
  expect(positionOf('İstanbul is far', 'far')).toBe(12);
  expect(positionOf('x', '')).toBe(-1);
});

test('given names are kept; without any, a sample of the texts is searched', async () => {
  const find = async (texts: readonly string[]) => texts.map((text) => (text.includes('a') ? ['Found'] : []));
  const naming = { find, limit: 50, seed: 1 };
  expect((await withEntities(data, naming)).source).toBe('given');
  const bare = auditDataOf([madeUp(100), madeUp(60, { name: 'val', seed: 2 })]);
  const named = await withEntities(bare, naming);
  expect(named.source).toBe('extracted');
  const looked = named.data.records.filter(({ entities }) => entities);
  expect(looked).toHaveLength(50);
  expect(looked.filter(({ split }) => split === 'val').length).toBeGreaterThanOrEqual(20);
  expect((await withEntities(bare, { ...naming, limit: 0 })).source).toBe('none');
  expect((await withEntities(bare, { limit: 50, seed: 1 })).source).toBe('none');
});

test('given names that stand in hardly any text are no use for masking: then names are looked for', async () => {
  const speakers = auditDataOf([madeUp(100, { change: (record) => ({ ...record, entities: ['some speaker'] }) })]);
  const naming = { find: async (texts: readonly string[]) => texts.map(() => ['Found']), limit: 100, seed: 1 };
  const named = await withEntities(speakers, naming);
  expect((await entitiesInTexts(named, naming)).records[0]!.entities).toEqual(['Found']);
  expect((await entitiesInTexts({ data, source: 'given' }, naming)).records[0]!.entities).toEqual(['Ada Venn', 'not there']);
});
