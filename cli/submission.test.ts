import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { inflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { toVerdict, type VerdictRules } from '../models/index.js';
import { type AnswerOptions, writeAnswers } from './submission.js';

const rules: VerdictRules = {
  name: 'm',
  version: 'v',
  labels: ['0', '1'],
  activation: 'softmax',
  temperature: 1,
  policy: { labels: {} },
};
const rows = [
  { fields: { text: 'a, "b"', pair: 'c', q_id: 1, r_id: 'x\ty' }, logits: [0, 2] },
  { fields: { text: 'd', pair: 'e', q_id: 2, r_id: 0 }, logits: [1, 0] },
];
const probabilities = [1 / (1 + Math.exp(-2)), 1 / (1 + Math.exp(1))];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-submission-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function written(options: AnswerOptions, of: VerdictRules = rules, given: readonly { fields: object; logits: number[] }[] = rows) {
  let stdout = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      stdout += String(chunk);
      done();
    },
  });
  await writeAnswers({ stdin: new PassThrough(), stdout: sink, stderr: sink, env: {} }, options, of, async ({ layout, output }) => {
    const lines = given.map(({ fields, logits }) => `${layout.line(fields as Record<string, unknown>, toVerdict(of, logits))}\n`);
    await output.append({ text: lines.join(''), aside: '', rows: lines.length, bad: 0, complete: true });
  });
  return stdout;
}

test('csv: scores stand below their labels, where labels are numbers in an order of their own', async () => {
  const [head, line] = (await written({ format: 'csv', ids: 'q_id' }, { ...rules, labels: ['10', '9'] })).split('\n');
  expect(head).toBe('q_id,label,score,decision,10,9');
  const [, label, , , ten, nine] = line!.split(',');
  expect(label).toBe('9');
  expect([Number(ten), Number(nine)]).toEqual([expect.closeTo(1 - probabilities[0]!, 6), expect.closeTo(probabilities[0]!, 6)]);
});

test('submission: one probability a line of the second label, no header', async () => {
  const lines = (await written({ format: 'submission' })).split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.map(Number)).toEqual(probabilities.map((p) => expect.closeTo(p, 12)));
  const other = (await written({ format: 'submission', label: '0' })).trim().split('\n').map(Number);
  expect(other).toEqual(probabilities.map((p) => expect.closeTo(1 - p, 12)));
});

test('submission with ids: ids and label between tabs, no header, nothing in a cell that would make another', async () => {
  expect(await written({ format: 'submission', ids: 'q_id, r_id' })).toBe('1\tx y\t1\n2\t0\t0\n');
});

test('csv: a header, the texts quoted where they must be, every score', async () => {
  const [head, first, second] = (await written({ format: 'csv' })).split('\n');
  expect(head).toBe('text,pair,label,score,decision,0,1');
  expect(first).toMatch(/^"a, ""b""",c,1,0\.88\d+,publish,0\.11\d+,0\.88\d+$/);
  expect(second).toMatch(/^d,e,0,0\.73/);
  expect((await written({ format: 'csv', ids: 'q_id' })).split('\n')[0]).toBe('q_id,label,score,decision,0,1');
});

test('jsonl: fields and verdict; with ids only these fields', async () => {
  expect(JSON.parse((await written({ format: 'jsonl' })).split('\n')[1]!)).toMatchObject({ text: 'd', q_id: 2, label: '0', model: 'm' });
  expect(JSON.parse((await written({ format: 'jsonl', ids: 'r_id' })).split('\n')[1]!)).toEqual({
    r_id: 0,
    ...toVerdict(rules, rows[1]!.logits),
  });
});

test('several labels a text, and values', async () => {
  const many: VerdictRules = { ...rules, labels: ['a', 'b', 'c'], activation: 'sigmoid' };
  const one = [{ fields: { id: 7 }, logits: [1, -1, 2] }];
  expect(await written({ format: 'submission', ids: 'id' }, many, one)).toBe('7\tc|a\n');
  expect((await written({ format: 'csv', ids: 'id' }, many, one)).split('\n')[0]).toBe('id,labels,score,decision,a,b,c');
  const value: VerdictRules = { ...rules, labels: ['value'], activation: 'none' };
  const row = [{ fields: { id: 7 }, logits: [2.5] }];
  expect(await written({ format: 'submission' }, value, row)).toBe('2.5\n');
  expect(await written({ format: 'submission', ids: 'id' }, value, row)).toBe('7\t2.5\n');
  expect(await written({ format: 'csv', ids: 'id' }, value, row)).toBe('id,value\n7,2.5\n');
});

test('a zip holds submission.tsv, and is the same each time', async () => {
  const path = join(folder, 'out', 'submission.zip');
  expect(await written({ format: 'submission', to: path })).toBe('');
  expect(await readdir(join(folder, 'out'))).toEqual(['submission.zip']);
  const bytes = await readFile(path);
  const entry = readZip(bytes);
  expect(entry).toEqual({ name: 'submission.tsv', text: await written({ format: 'submission' }) });
  await written({ format: 'submission', to: path });
  expect(await readFile(path)).toEqual(bytes);
});

test('a file is there when all went well, and not otherwise', async () => {
  const to = join(folder, 'a.csv');
  await written({ format: 'csv', to });
  expect(await readFile(to, 'utf8')).toBe(await written({ format: 'csv' }));
  await expect(written({ format: 'submission', ids: 'qid', to: join(folder, 'b.tsv') })).rejects.toThrow(
    /a text has no field "qid"\. Fix: did you mean q_id\?/,
  );
  expect(await readdir(folder)).toEqual(['a.csv']);
});

test.each([
  ['a format that does not exist', { format: 'xml' }, /--format xml: .*use one of jsonl, csv, submission/],
  ['a label that does not exist', { format: 'submission', label: '2' }, /the model has no label "2"/],
])('%s is refused', async (_what, options, message) => {
  await expect(written(options)).rejects.toThrow(message);
});

test('of more than two labels somebody must say whose score is meant', async () => {
  const three = { ...rules, labels: ['a', 'b', 'c'] };
  await expect(written({ format: 'submission' }, three, [])).rejects.toThrow(/the model has 3 labels.*--label \(a, b, c\)/);
});

/** The one entry of a zip, by the layout of APPNOTE 6.3: end record, central directory, local header. */
function readZip(bytes: Buffer): { name: string; text: string } {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  expect(bytes.readUInt16LE(end + 10)).toBe(1);
  const directory = bytes.readUInt32LE(end + 16);
  const [size, length, local] = [
    bytes.readUInt32LE(directory + 20),
    bytes.readUInt16LE(directory + 28),
    bytes.readUInt32LE(directory + 42),
  ];
  const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  return {
    name: bytes.toString('utf8', directory + 46, directory + 46 + length),
    text: inflateRawSync(bytes.subarray(start, start + size)).toString(),
  };
}
