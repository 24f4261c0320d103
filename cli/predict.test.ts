import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { progressOf } from '../serving/index.js';
import { writeSampleBundle } from '../serving/testing/sample-bundle.js';
import { longProgress } from './progress.js';
import { copydesk } from './testing/copydesk.js';

let home: string;
let bundle: string;
let folder: string;
let to: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-predict-'));
  bundle = await writeSampleBundle({ to: join(home, 'bundles') });
});
afterAll(() => rm(home, { recursive: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(home, 'case-'));
  to = join(folder, 'answers.jsonl');
});

const texts = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `Line ${i} of ${'the harbour wall '.repeat(1 + (i % 5))}`);
const lines = (all: readonly unknown[]): string => all.map((one) => `${JSON.stringify(one)}\n`).join('');
async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const predict = (...args: readonly string[]) => copydesk(['predict', bundle, ...args]);

const same = async (a: string, b: string): Promise<boolean> => (await readFile(a)).equals(await readFile(b));

/** As the record of an unfinished file has it. */
async function rowsDone(): Promise<number> {
  const record = await readFile(progressOf(to), 'utf8').catch(() => undefined);
  return record === undefined ? 0 : JSON.parse(record).done.rows;
}

/** Starts the program and ends it by a signal when some chunks are done. */
async function interrupted(signal: NodeJS.Signals, args: readonly string[]): Promise<number | null> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'cli/main.ts', 'predict', bundle, ...args], { stdio: 'ignore' });
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  try {
    while ((await rowsDone()) < 1_000 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 10));
  } finally {
    child.kill(signal);
  }
  return closed;
}

describe('ended half-way by', () => {
  const count = 8_000;
  let given: string;
  let whole: string;
  let wholeBad: string;
  beforeAll(async () => {
    [given, whole, wholeBad] = [join(home, 'in.jsonl'), join(home, 'whole.jsonl'), join(home, 'whole-bad.jsonl')];
    await writeFile(given, lines(texts(count).map((text, id) => (id % 1_000 === 7 ? { id } : { text, id }))));
    expect(await predict(given, '--to', whole, '--bad-lines', wholeBad)).toMatchObject({ code: 0 });
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
    '%s: --resume goes on, and the file is what it would have been',
    async (signal) => {
      const bad = join(folder, 'bad.jsonl');
      expect(await interrupted(signal, [given, '--to', to, '--bad-lines', bad])).toBe(signal === 'SIGKILL' ? null : 130);
      const left = await readdir(folder);
      expect(left).toEqual(expect.arrayContaining(['answers.jsonl.partial', 'answers.jsonl.progress', 'bad.jsonl.partial']));
      expect(left).not.toContain('answers.jsonl');
      const { code, stderr } = await predict(given, '--to', to, '--bad-lines', bad, '--resume');
      const skipped = Number(/going on after (\d+) lines/.exec(stderr)?.[1]);
      expect([code, skipped > 1_000, skipped < count]).toEqual([0, true, true]);
      expect([await same(to, whole), await same(bad, wholeBad)]).toEqual([true, true]);
      expect((await readdir(folder)).sort()).toEqual(['answers.jsonl', 'bad.jsonl']);
    },
    120_000,
  );
});

describe('going on', () => {
  /** Three chunks, then a line that is none. */
  const broken = (): string => `${lines(texts(1_600))}nonsense\n${lines(['last'])}`;

  test('a bad line stops the work; with --bad-lines it goes on behind what was done', async () => {
    const given = await file('in.jsonl', broken());
    const first = await predict(given, '--to', to);
    expect(first.code).toBe(1);
    expect(first.stderr).toMatch(/in\.jsonl:1601: not JSON/);
    const bad = join(folder, 'bad.jsonl');
    const second = await predict(given, '--to', to, '--bad-lines', bad, '--resume');
    expect(second).toMatchObject({ code: 0, stderr: expect.stringContaining('going on after 1536 lines') });
    expect(second.stderr).toContain('1 lines are no texts');
    const answered = (await readFile(to, 'utf8')).trim().split('\n').map((line) => JSON.parse(line).text); // biome-ignore format: one step
    expect(answered).toEqual([...texts(1_600), 'last']);
    expect(JSON.parse(await readFile(bad, 'utf8'))).toEqual({ line: 1_601, reason: 'not JSON', given: 'nonsense' });
  });

  test.each([
    ['input', async () => void (await file('in.jsonl', `${broken()}\n`)), []],
    ['options', async () => {}, ['--format', 'csv']],
    [
      'bundle',
      async () => {
        bundle = await writeSampleBundle({ version: 'v2', to: join(folder, 'other') });
      },
      [],
    ],
  ])('is refused with another %s, which is named', async (what, change, more) => {
    const [before, given] = [bundle, await file('in.jsonl', broken())];
    await predict(given, '--to', to);
    await change();
    const refused = await predict(given, '--to', to, '--resume', ...more);
    bundle = before;
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(`was begun with another ${what}. Fix: `) });
    expect(refused.stderr).toContain('leave --resume out');
  });

  test('without anything to go on from it begins; without --resume it begins anew', async () => {
    const given = await file('in.jsonl', broken());
    expect((await predict(given, '--to', to, '--resume')).code).toBe(1);
    expect((await predict(given, '--to', to)).stderr).not.toContain('going on');
  });

  test.each([
    [['--resume'], /went to stdout/],
    [['-', '--to', 'x', '--resume'], /stdin cannot be read again/],
    [['--bad-lines', 'x'], /--bad-lines without --to/],
  ])('%j is refused', async (args, message) => {
    expect(await predict(...args)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
  });

  test('a zip is packed from what was done before and after', async () => {
    const [given, zip, bad] = [await file('in.jsonl', broken()), join(folder, 'a.zip'), join(folder, 'bad.jsonl')];
    await predict(given, '--to', join(folder, 'whole.zip'), '--bad-lines', join(folder, 'bad2.jsonl'));
    await predict(given, '--to', zip);
    await predict(given, '--to', zip, '--bad-lines', bad, '--resume');
    expect(await same(zip, join(folder, 'whole.zip'))).toBe(true);
  });
});

test.each([
  [
    'CSV',
    'in.csv',
    'text,id\none,1\n"two" x,2\nthree\nfour,4\n',
    [
      [3, 'something follows a closing quote'],
      [4, 'not as many fields as the header'],
    ],
    ['one', 'four'],
  ],
  [
    'JSON lines',
    'in.jsonl.gz',
    gzipSync('{"text":"one"}\n{"text":2}\n[]\n{"t":1}\n"four"\n'),
    [
      [2, 'text is no string'],
      [3, 'neither an object nor a string'],
      [4, 'no text'],
    ],
    ['one', 'four'],
  ],
  [
    'text',
    'in.txt',
    Buffer.concat([Buffer.from('one\n'), Buffer.from([0xff, 0xfe, 0x41, 0x0a]), Buffer.from('a\0b\nfour')]),
    [
      [2, 'not UTF-8'],
      [3, 'holds a NUL byte'],
    ],
    ['one', 'four'],
  ],
  [
    'a pair for a model of single texts',
    'in.jsonl',
    '"one"\n{"text":"a","pair":"b"}\n"four"\n',
    [[2, expect.stringContaining('pair')]],
    ['one', 'four'],
  ],
])('%s: bad lines are put aside with their number and a reason, the others answered', async (_what, name, content, bad, good) => {
  const [given, aside] = [await file(name, content), join(folder, 'bad.jsonl')];
  expect(await predict(given, '--to', to, '--bad-lines', aside)).toMatchObject({ code: 0 });
  const read = async (path: string) => (await readFile(path, 'utf8')).trim().split('\n').map((line) => JSON.parse(line)); // biome-ignore format: one step
  expect((await read(aside)).map(({ line, reason }) => [line, reason])).toEqual(bad);
  expect((await read(to)).map(({ text }) => text)).toEqual(good);
});

test('progress of hours: a line now and then, with what is left', () => {
  let [now, told] = [0, ''];
  const stderr = new Writable({ write: (chunk, _encoding, done) => { told += chunk; done(); } }); // biome-ignore format: one thing
  const progress = longProgress({ stderr }, 'answered', 'lines', 1_000, { now: () => now });
  for (const [at, done] of [
    [5_000, 100],
    [10_000, 200],
    [15_000, 300],
    [20_000, 400],
  ] as const) {
    // biome-ignore format: one table
    now = at;
    progress.update(done);
  }
  expect(told).toBe('answered 200 of 1000 lines, 10 a second, about 80 s left\nanswered 400 of 1000 lines, 15 a second, about 40 s left\n');
});
