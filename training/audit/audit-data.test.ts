import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuditOptions, auditData, failsAt } from './audit-data.js';
import { findingKinds } from './findings.js';
import { readAuditSplit } from './read-audit-split.js';
import { renderAudit } from './render-audit.js';
import { madeUp } from './testing/made-up.js';

const day = 24 * 3600;
const names = ['Ada Venn', 'Ben Orlo', 'Cara Dim'];
const options: AuditOptions = { namedTexts: 0 };
const noName = ({ text, line, split }: { text: string; line: number; split: string }) => ({ text, line, split });
const full = (name: string, count: number, seed: number) =>
  madeUp(count, { name, seed, change: (record, i, random) => ({ ...record, time: (seed * 10_000 + i) * day, group: `g${random.below(12)}`, entities: [names[random.below(3)]!] }) }); // biome-ignore format: short
const answer: NonNullable<AuditOptions['model']>['answer'] = async (inputs) =>
  inputs.map((text) => (text.length % 2 === 0 ? [0.6, 0.4] : [0.3, 0.7]));

test('a clean set with everything in it gives no finding above info, and the same audit twice', async () => {
  const splits = [full('train', 500, 1), full('val', 200, 2)];
  const audit = await auditData(splits, options);
  expect(audit.findings.filter(({ level }) => level !== 'info')).toEqual([]);
  expect(audit.counts).toEqual({ info: audit.findings.length, warning: 0, error: 0 });
  expect(failsAt(audit, 'warning')).toBe(false);
  expect(await auditData([full('train', 500, 1), full('val', 200, 2)], options)).toEqual(audit);
});

test('the JSON of version 1 has these fields', async () => {
  const inText = madeUp(120, { change: (record, i) => ({ ...record, time: i * day, text: `${names[i % 3]} ${record.text}`, entities: [names[i % 3]!] }) }); // biome-ignore format: short
  const audit = await auditData([inText], { ...options, model: { name: 'm', labels: ['bad', 'good'], mask: '', answer } });
  const keys = (value: unknown) => Object.keys(value as object);
  expect(keys(audit)).toEqual(['schema', 'task', 'labels', 'language', 'splits', 'counts', 'findings', 'duplicates', 'labelRates', 'entities', 'shape', 'shortcuts', 'temporal', 'model']); // biome-ignore format: one list
  expect(audit.schema).toBe('copydesk-audit/1');
  expect(keys(audit.splits[0])).toEqual(['name', 'texts', 'labelled', 'pairs', 'withTime', 'withGroup', 'unusable']);
  expect(keys(audit.duplicates)).toEqual(['threshold', 'within', 'across', 'contradictory', 'contradictoryNear', 'largest']);
  expect(keys(audit.labelRates)).toEqual(['bySplit', 'byPeriod', 'byGroup']);
  expect(keys(audit.entities)).toEqual(['source', 'entities', 'tested', 'looked', 'texts', 'middle', 'biased', 'moved']);
  expect(keys(audit.shape)).toEqual(['characters', 'words', 'byLabel', 'step', 'scripts', 'mainScript']);
  expect(keys(audit.shortcuts)).toEqual(['measuredOn', 'majority', 'tfIdf', 'rules', 'tokens']);
  expect(keys(audit.model)).toEqual(['name', 'labels', 'texts', 'of', 'split', 'all', 'slices']);
  expect(audit.temporal).toMatchObject({ learned: 96, judged: 24 });
  expect(JSON.stringify(audit)).not.toMatch(/NaN|undefined/);
  const page = readFileSync(new URL('../../docs/audit.md', import.meta.url), 'utf8');
  for (const key of keys(audit)) expect(page, key).toContain(`\`${key}\``);
});

test('every kind of finding is in docs/audit.md', () => {
  const page = readFileSync(new URL('../../docs/audit.md', import.meta.url), 'utf8');
  for (const kind of findingKinds) expect(page, kind).toContain(`\`${kind}\``);
});

describe('poor input', () => {
  const kindsOf = async (...splits: Parameters<typeof auditData>[0]) => {
    const audit = await auditData(splits, options);
    expect(renderAudit(audit, 'poor')).not.toMatch(/NaN|undefined|Infinity/);
    return audit.findings.map(({ kind, level }) => `${level} ${kind}`);
  };
  test('no split, an empty one, one row', async () => {
    expect(await kindsOf()).toEqual([]);
    expect(await kindsOf({ name: 'train', records: [], problems: [] })).toEqual(['error empty-split']);
    expect(await kindsOf(madeUp(1))).toEqual(['error one-class', 'warning label-rare']);
    expect(await kindsOf(madeUp(2))).toEqual(['warning label-rare']);
  });
  test('no labels at all: the rest is still looked at', async () => {
    const bare = madeUp(80, { change: noName });
    const twice = { ...bare, records: [...bare.records, bare.records[0]!] };
    expect(await kindsOf(twice)).toEqual(['warning duplicates-within-split', 'info unlabelled']);
  });
  test('one class, and pairs', async () => {
    expect(await kindsOf(madeUp(80, { labels: ['good'] }))).toEqual(['error one-class']);
    const others = madeUp(120, { seed: 5 }).records;
    expect(await kindsOf(madeUp(120, { change: (record, i) => ({ ...record, pair: others[i]!.text }) }))).toEqual([]);
  });
});

describe('files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'copydesk-audit-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const read = async (name: string, text: string, given = {}) => {
    await writeFile(join(folder, name), text);
    return readAuditSplit('train', [join(folder, name)], given);
  };

  test('what training would refuse is counted; the other fields come along', async () => {
    const rows = [
      { text: 'one', label: 'a', time: '2020-01-02', source: 'desk', entities: ['Ada'] },
      { text: '', label: 'a' },
      { label: 'a' },
      { text: 'no label' },
      { text: 'wrong label', label: {} },
      7,
    ];
    const { records, problems } = await read('rows.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'), { fields: { group: 'source' } }); // biome-ignore format: short
    expect(problems).toEqual([{ line: 2, what: 'text is empty' }, { line: 3, what: 'no text' }, { line: 6, what: expect.stringContaining('not an object') }]); // biome-ignore format: a list
    expect(records).toEqual([
      { text: 'one', labels: ['a'], time: 1577923200, group: 'desk', entities: ['Ada'], line: 1, split: 'train' },
      { text: 'no label', line: 4, split: 'train' },
      { text: 'wrong label', line: 5, split: 'train' },
    ]);
  });

  test('lists of labels, values, and several files to a split', async () => {
    const { records } = await read('labels.jsonl', '{"text":"x","labels":["b","a"]}\n{"text":"y","labels":[]}\n{"text":"z","value":2.5}');
    expect(records.map(({ labels }) => labels)).toEqual([['b', 'a'], [], ['2.5']]);
    const both = await readAuditSplit('train', [join(folder, 'labels.jsonl'), join(folder, 'labels.jsonl')]);
    expect(both.records.map(({ file, line }) => `${file}:${line}`)).toEqual(['1:1', '1:2', '1:3', '2:1', '2:2', '2:3']);
  });

  test('an empty file is an empty split; a missing one is an error', async () => {
    expect(await read('empty.jsonl', '')).toEqual({ name: 'train', records: [], problems: [] });
    await expect(readAuditSplit('train', [join(folder, 'nowhere.jsonl')])).rejects.toMatchObject({ code: 'data/missing' });
  });
});

test('the page holds no markup of the data, no script, and a plot of what there is', async () => {
  const nasty = madeUp(120, { labels: ['<b>good</b>', 'bad'], change: (record, i) => ({ ...record, time: i * day, group: '<i>', text: i < 2 ? '<script>alert(1)</script>' : record.text }) }); // biome-ignore format: short
  const page = renderAudit(
    await auditData([nasty, madeUp(40, { name: '"><img>', seed: 3, labels: ['<b>good</b>', 'bad'] })], options),
    '<title>',
  );
  expect(page).not.toMatch(/<script|<b>good|<img>|"><img|<i>|<title><title>/);
  expect(page).toContain('&#60;script&#62;');
  expect(page.match(/<svg/g)!.length).toBeGreaterThanOrEqual(2);
  expect(page).not.toMatch(/NaN|undefined/);
});
