import { expect, test } from 'vitest';
import { entityRates } from './entity-rates.js';
import { type AuditSplit, auditDataOf } from './records.js';
import { madeUp } from './testing/made-up.js';

const day = 24 * 3600;
const names = ['Ada Venn', 'Ben Orlo', 'Cara Dim', 'Dora Lux', 'Emil Ratt', 'Fay Stone'];
const rates = (split: AuditSplit) => entityRates(auditDataOf([split]), 'given');

test('names that are with every label alike: no finding', () => {
  const fair = madeUp(600, { change: (record, i, random) => ({ ...record, time: day * i, entities: [names[random.below(6)]!] }) });
  expect(rates(fair)).toMatchObject({ entities: 6, tested: 6, looked: 600, texts: 600, biased: [], moved: [], findings: [] });
});

test('a name that goes with a label, in one spelling, with counts and an interval', () => {
  const biased = madeUp(600, {
    change: (record, i, random) => ({
      ...record,
      entities: i % 10 === 0 ? [i % 20 === 0 ? 'ADA  Venn' : 'ada venn'] : [names[1 + random.below(5)]!],
      labels: [i % 10 === 0 ? (i % 100 === 0 ? 'bad' : 'good') : record.labels![0]!],
    }),
  });
  const { biased: list, findings } = rates(biased);
  expect(list.map(({ entity, label, texts, count }) => ({ entity, label, texts, count }))).toEqual([
    { entity: 'ada venn', label: 'bad', texts: 60, count: 6 },
  ]);
  const [{ smoothed, usual, interval, p }] = list as [(typeof list)[0]];
  expect(smoothed).toBeCloseTo((6 + 10 * usual) / 70, 12);
  expect(interval.low).toBeLessThan(0.1);
  expect(interval.high).toBeGreaterThan(0.1);
  expect(p).toBeLessThan(1e-6);
  expect(findings.map(({ kind, level, count }) => `${level} ${kind} ${count}`)).toEqual(['warning entity-bias 1']);
});

test('names of few texts do not flood: a thousand that come thrice each say nothing', () => {
  const rare = madeUp(3000, { change: (record, i) => ({ ...record, entities: [`${record.labels![0]} ${Math.floor(i / 6)}`] }) });
  expect(rates(rare)).toMatchObject({ tested: 0, biased: [], findings: [] });
});

test('a name whose label changes with time', () => {
  const moving = madeUp(800, {
    change: (record, i, random) => {
      const own = random.next() < 0.1;
      const good = own ? random.next() < (i < 400 ? 0.95 : 0.1) : record.labels![0] === 'good';
      return { ...record, time: day * i, entities: [own ? names[0]! : names[1 + random.below(5)]!], labels: [good ? 'good' : 'bad'] };
    },
  });
  const { moved, middle, findings } = rates(moving);
  expect(middle).toBe(400 * day);
  expect(moved.map(({ entity }) => entity)).toEqual(['ada venn']);
  expect(Math.abs(moved[0]!.earlier!.rate - moved[0]!.later!.rate)).toBeGreaterThan(0.6);
  expect(findings.map(({ kind }) => kind)).toContain('entity-drift');
});

test('where names were looked for in a sample, the other texts do not count', () => {
  const sampled = madeUp(600, { change: (record, i) => (i < 200 ? { ...record, entities: [names[i % 6]!] } : record) });
  expect(entityRates(auditDataOf([sampled]), 'extracted')).toMatchObject({ looked: 200, texts: 200 });
  expect(rates(sampled)).toMatchObject({ looked: 600, texts: 200 });
});

test('without names, or without labels, there is nothing to say', () => {
  expect(rates(madeUp(50))).toMatchObject({ texts: 0, tested: 0, findings: [] });
  expect(rates(madeUp(50, { change: ({ labels: _, ...record }) => ({ ...record, entities: [names[0]!] }) }))).toMatchObject({
    findings: [],
  });
});
