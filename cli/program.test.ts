import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tinyTexts, writeTinyRun } from '../test/tiny-run.js';
import { copydesk } from './testing/copydesk.js';

let home: string;
let bundle: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-cli-'));
  await writeTinyRun(join(home, 'run'));
  const { stdout } = await copydesk(['export', join(home, 'run'), '--to', join(home, 'bundles')]);
  bundle = stdout.trim();
});
afterAll(() => rm(home, { recursive: true }));

describe('every verb', () => {
  test.each(['train', 'export', 'verify', 'evaluate', 'predict', 'serve', 'doctor'])('%s --help teaches by example', async (verb) => {
    const { code, stdout, stderr } = await copydesk([verb, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: copydesk ${verb}`);
    expect(stdout).toMatch(/\$ .*copydesk/);
  });

  test('without a verb, or with an unknown one, the way is shown and the exit code is 2', async () => {
    expect(await copydesk([])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('copydesk train examples/headlines.json'),
    });
    expect(await copydesk(['exprot'])).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean export') });
  });

  test.each([
    ['a missing argument', ['verify'], /missing required argument 'bundle'/],
    ['a missing option', ['export', 'runs/x'], /required option '--to <dir>' not specified/],
    ['an unknown option', ['serve', '--modles', 'x'], /unknown option '--modles'/],
    ['one argument too many', ['verify', 'a', 'b'], /too many arguments/],
    ['a port that is no number', ['serve', '--port', 'http'], /copydesk serve: --port: "http" is no whole number\. Fix: /],
    [
      'a precision that does not exist',
      ['export', 'runs/x', '--to', 'y', '--precision', 'int9'],
      /copydesk export: --precision: "int9" is not a precision. Fix: did you mean int8/,
    ],
  ])('%s exits with 2 and says what is wrong', async (_what, args, message) => {
    expect(await copydesk(args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  });

  test('what could not be done exits with 1, without a stack trace unless asked for', async () => {
    const plain = await copydesk(['verify', join(home, 'run')]);
    expect(plain).toMatchObject({ code: 1, stdout: '' });
    expect(plain.stderr).toMatch(/^copydesk verify: .*there is no bundle in this folder\. Fix: /);
    expect(plain.stderr).not.toContain('    at ');
    const debug = await copydesk(['verify', join(home, 'run')], { env: { COPYDESK_DEBUG: '1' } });
    expect(debug.stderr).toContain('    at ');
  });

  test('serve answers the curl line that it prints, and stops with 0 when told to', async () => {
    const child = spawn(process.execPath, [
      '--import',
      'tsx',
      'cli/main.ts',
      'serve',
      '--models',
      bundle,
      '--port',
      '0',
      '--workers',
      '1',
      '--log',
      'silent',
    ]);
    try {
      const welcome = await new Promise<string>((resolve, reject) => {
        child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
        child.once('close', () => reject(new Error('the server stopped before it was ready')));
      });
      const [, url, body] = /curl -s (\S+) -H 'content-type: application\/json' -d '(.+)'/.exec(welcome)!;
      const response = await fetch(url!, { method: 'POST', headers: { 'content-type': 'application/json' }, body: body! });
      expect(await response.json()).toMatchObject({ model: 'tiny', label: expect.stringMatching(/clickbait|news/) });
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      expect(await closed).toBe(0);
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('--version is the version of the package', async () => {
    expect(await copydesk(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });
});

describe('export and verify', () => {
  test('export prints the folder of the bundle, or what it holds', async () => {
    expect(await readdir(join(home, 'bundles', 'tiny'))).toHaveLength(1);
    const { stdout } = await copydesk(['export', join(home, 'run'), '--to', join(home, 'bundles'), '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ folder: bundle, name: 'tiny', parity: { fp32: { labelAgreement: 1 } } });
  });

  test('verify takes the bundle, its name or the folder of models, and says ok', async () => {
    for (const folder of [bundle, join(home, 'bundles', 'tiny'), join(home, 'bundles')]) {
      expect(await copydesk(['verify', folder])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ok tiny@[0-9a-f]{12}\n$/) });
    }
    expect(JSON.parse((await copydesk(['verify', bundle, '--json'])).stdout)).toMatchObject({ ok: true, name: 'tiny' });
  });

  test('verify --data is a gate on accuracy', async () => {
    const data = await labelled('gate.jsonl', ['clickbait', 'news']);
    expect(await copydesk(['verify', bundle, '--data', data, '--min-macro-f1', '0'])).toMatchObject({ code: 0 });
    expect(await copydesk(['verify', bundle, '--data', data, '--min-macro-f1', '1'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/macro F1 on .* is .*, below 1\.0000/),
    });
    expect(await copydesk(['verify', bundle, '--min-macro-f1', '1'])).toMatchObject({ code: 2 });
  });

  test('verify fails on a damaged bundle and prints nothing on stdout', async () => {
    const { stdout } = await copydesk(['export', join(home, 'run'), '--to', join(home, 'damaged')]);
    await appendFile(join(stdout.trim(), 'onnx', 'model.onnx'), 'x');
    expect(await copydesk(['verify', stdout.trim()])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('onnx/model.onnx is'),
    });
  });

  test('two bundles in one folder: the person must say which', async () => {
    const both = join(home, 'both');
    await copydesk(['export', join(home, 'run'), '--to', both]);
    await writeTinyRun(join(home, 'other'), { name: 'other' });
    await copydesk(['export', join(home, 'other'), '--to', both]);
    expect(await copydesk(['verify', both])).toMatchObject({ code: 2, stderr: expect.stringContaining('there are 2 bundles in it') });
  });
});

describe('evaluate', () => {
  test('a run and its bundle give the same figures, to the last digit', async () => {
    const data = await labelled('both.jsonl.gz', ['clickbait', 'news']);
    const ofRun = await copydesk(['evaluate', join(home, 'run'), data, '--json']);
    const ofBundle = await copydesk(['evaluate', bundle, data, '--json']);
    expect(ofRun.stdout).toBe(ofBundle.stdout);
    const figures = JSON.parse(ofBundle.stdout);
    expect(Object.keys(figures)).toEqual(expect.arrayContaining(['macroF1', 'accuracy', 'perClass', 'auc', 'spauc', 'ece']));
    expect(figures.examples).toBe(tinyTexts.length);
    expect(figures.perClass.clickbait.support + figures.perClass.news.support).toBe(tinyTexts.length);
    expect(figures.truncated).toBe(1);
  });

  test('for a person it is a table', async () => {
    const { stdout } = await copydesk(['evaluate', bundle, await labelled('table.csv', ['clickbait', 'news'])]);
    expect(stdout).toMatch(/^texts +7$/m);
    expect(stdout).toMatch(/^macro F1 +[01]\.\d{4}$/m);
    expect(stdout).toMatch(/^clickbait +\S+ +\S+ +\S+ +4$/m);
  });

  test('a label that the model does not have is named with its line', async () => {
    const data = await labelled('typo.jsonl', ['clickbait', 'newz']);
    expect(await copydesk(['evaluate', bundle, data])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/typo\.jsonl:2: the model has no label "newz"\. Fix: did you mean "news"/),
    });
  });

  test('a missing file, and a folder that is neither, are errors', async () => {
    expect(await copydesk(['evaluate', bundle, join(home, 'nowhere.jsonl')])).toMatchObject({ code: 1 });
    expect(await copydesk(['evaluate', join(home, 'nowhere'), join(home, 'nowhere.jsonl')])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('cannot be read'),
    });
  });
});

describe('predict', () => {
  test('answers each line in order, and keeps the other fields', async () => {
    const lines = [{ text: tinyTexts[0], id: 7 }, tinyTexts[1], { text: '', from: 'desk' }].map((line) => JSON.stringify(line));
    const { code, stdout } = await copydesk(['predict', bundle], { stdin: lines.join('\n\n') });
    expect(code).toBe(0);
    const verdicts = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(verdicts).toMatchObject([
      { text: tinyTexts[0], id: 7, model: 'tiny' },
      { text: tinyTexts[1], model: 'tiny' },
      { text: '', from: 'desk', model: 'tiny' },
    ]);
    for (const { scores, label, score } of verdicts) {
      expect(scores.clickbait + scores.news).toBeCloseTo(1, 6);
      expect(scores[label]).toBe(score);
    }
  });

  test('more texts than are read ahead come out in order', async () => {
    const texts = Array.from({ length: 1300 }, (_, i) => `${tinyTexts[i % tinyTexts.length]} ${i}`);
    const { stdout } = await copydesk(['predict', bundle], { stdin: texts.map((text) => JSON.stringify({ text })).join('\n') });
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).text),
    ).toEqual(texts);
  });

  test('a bad line is named; what stood before it is answered', async () => {
    const { code, stdout, stderr } = await copydesk(['predict', bundle], { stdin: '{"text": "fine"}\n{"text": 5}\n{"text": "after"}\n' });
    expect(code).toBe(1);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/copydesk predict: stdin:2: text is 5, not a string\. Fix: /);
    for (const [line, message] of [
      ['not json', /stdin:1: not JSON/],
      ['[1]', /neither an object nor a string/],
      ['{"txt": "x"}', /stdin:1: no text/],
      ['{"text": "x", "pair": 1}', /pair is 1/],
    ] as const) {
      expect((await copydesk(['predict', bundle], { stdin: line })).stderr).toMatch(message);
    }
  });

  test('files: JSON lines with gzip, CSV, and a text a line', async () => {
    const paths = [await labelled('in.jsonl.gz', ['news']), await labelled('in.csv', ['news']), join(home, 'in.txt')];
    await writeFile(paths[2]!, tinyTexts.join('\n'));
    for (const path of paths) {
      const { stdout } = await copydesk(['predict', bundle, path]);
      expect(
        stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line).text),
      ).toEqual(tinyTexts);
    }
  });

  test('a reader that goes away early is no fault', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'cli/main.ts', 'predict', bundle], { stdio: ['pipe', 'pipe', 'pipe'] });
    const stderr: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on('error', () => {}); // the child may be gone before it has read everything
    child.stdin.end(`${JSON.stringify({ text: tinyTexts[0] })}\n`.repeat(20_000));
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect({ code, stderr: Buffer.concat(stderr).toString() }).toEqual({ code: 0, stderr: '' });
  });
});

/** The tiny texts with the given labels in turn, in the format that the name says. */
async function labelled(name: string, labels: readonly string[]): Promise<string> {
  const path = join(home, name);
  const rows = tinyTexts.map((text, i) => ({ text, label: labels[i % labels.length]! }));
  const csv = ['text,label', ...rows.map(({ text, label }) => `"${text}",${label}`)].join('\n');
  const jsonl = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  await writeFile(path, name.endsWith('.gz') ? gzipSync(jsonl) : name.endsWith('.csv') ? csv : jsonl);
  return path;
}
