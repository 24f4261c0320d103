import { expect, test } from 'vitest';
import { labelRates, periodsOf } from './label-rates.js';
import { type AuditSplit, auditDataOf } from './records.js';
import { madeUp } from './testing/made-up.js';

const found = (...splits: AuditSplit[]) => labelRates(auditDataOf(splits)).findings.map(({ kind, level }) => `${level} ${kind}`);
const day = 24 * 3600;

test('the same rates everywhere: no finding, and intervals that hold the rate', () => {
  const timed = (name: string) => madeUp(400, { name, change: (record, i, random) => ({ ...record, time: day * i, group: `g${random.below(20)}` }) }); // biome-ignore format: short
  const { bySplit, byPeriod, byGroup, findings } = labelRates(auditDataOf([timed('train')]));
  expect(findings).toEqual([]);
  expect(bySplit[0]!.labels.good).toMatchObject({ count: 200, rate: 0.5 });
  expect(byPeriod).toHaveLength(8);
  expect(byPeriod[0]!.name).toBe('1970-01-01 – 1970-02-19');
  expect(byGroup).toHaveLength(20);
});

test('splits with other rates', () => {
  const most = madeUp(400, { name: 'val', change: (record, i) => ({ ...record, labels: [i % 5 === 0 ? 'good' : 'bad'] }) });
  expect(found(madeUp(400), most)).toEqual(['warning label-shift']);
  const [finding] = labelRates(auditDataOf([madeUp(400), most])).findings;
  expect(finding!.message).toMatch(/“bad” is 50\.0 % in train and 80\.0 % in val|“good” is 20\.0 % in val and 50\.0 % in train/);
});

test('rates that move with time', () => {
  const drifting = madeUp(800, { change: (record, i, random) => ({ ...record, time: day * i, labels: [random.next() < i / 800 ? 'good' : 'bad'] }) }); // biome-ignore format: short
  expect(found(drifting)).toEqual(['warning label-drift']);
});

test('periods need times that differ, and enough of them', () => {
  expect(periodsOf(madeUp(100, { change: (record) => ({ ...record, time: 5 }) }).records)).toEqual([]);
  expect(periodsOf(madeUp(39, { change: (record, i) => ({ ...record, time: i }) }).records)).toEqual([]);
  expect(periodsOf(madeUp(100, { change: (record, i) => ({ ...record, time: i }) }).records, 4).map((own) => own.length)).toEqual([25, 25, 25, 25]); // biome-ignore format: short
});

test('a group that gives the label away; its own vote does not count', () => {
  const bySource = madeUp(400, { change: (record, i) => ({ ...record, group: `${record.labels![0]} source ${Math.floor(i / 40)}` }) });
  expect(found(bySource)).toEqual(['error group-predicts-label']);
  const mostly = madeUp(400, {
    change: (record, i, random) => ({ ...record, group: `${random.next() < 0.8 ? record.labels![0] : 'any'} ${i % 10 < 5}` }),
  });
  expect(found(mostly)).toEqual(['warning group-predicts-label']);
  const alone = madeUp(400, { change: (record, i) => ({ ...record, group: `source ${i}` }) });
  expect(found(alone)).toEqual([]);
});

test('groups on both sides of a split are a note', () => {
  const grouped = (name: string) => madeUp(200, { name, seed: 3, change: (record, _, random) => ({ ...record, group: `g${random.below(9)}` }) }); // biome-ignore format: short
  expect(found(grouped('train'), grouped('val'))).toEqual(['info groups-across-splits']);
});
