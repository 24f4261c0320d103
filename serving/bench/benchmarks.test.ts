/** @file The benchmarks of serving run to their end in their quick form. What they measure is for a quiet machine. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageFolder } from '../../models/bundle/node.js';
import type { ServePoint } from './serve-curve.js';

/** Each starts about ten processes; on a machine that does other things too that takes a while. */
const patience = 180_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-bench-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function quick<Row>(name: string, ...args: readonly string[]): Promise<{ rows: Row[]; said: string }> {
  const script = ['--import', 'tsx', `serving/bench/${name}.ts`, '--quick', '--json', ...args];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, script, { cwd: packageFolder() });
  return { rows: JSON.parse(stdout.trim().split('\n').at(-1)!) as Row[], said: stderr };
}

test(
  'serve: both files of the model that comes with the project, beside raw and beside one another, without ratios',
  async () => {
    const { rows, said } = await quick<{ engine: string; peer: string; ours: number }>('serve', '--clients', '4');
    expect(rows.map(({ engine, peer }) => `${engine} / ${peer.split(',')[0]}`)).toEqual([
      'Copydesk fp32 / raw fp32',
      'Copydesk fp32 / raw fp32',
      'Copydesk int8 / raw int8',
      'Copydesk int8 / raw int8',
      'Copydesk int8 / Copydesk fp32',
      'Copydesk int8 / Copydesk fp32',
    ]);
    for (const row of rows) {
      expect(row).toMatchObject({ ratio: null, runs: 1 });
      expect(row.ours).toBeGreaterThan(0);
    }
    expect(said).toMatch(/cores, \d+ GiB; Node \d+/);
    expect(said).toMatch(/no ratio: 1 runs/);
  },
  patience,
);

test(
  'serve-curves: points in both precisions with the rate of the runtime alone, and a drawing of each; an axis alone leaves the others as they are',
  async () => {
    const { rows, said } = await quick<ServePoint>('serve-curves', '--to', folder, '--axis', 'clients,tokens');
    expect(rows.map(({ axis, precision, clients, tokens }) => `${axis} ${precision} ${clients} x ${tokens}`)).toEqual([
      'clients fp32 1 x 8',
      'clients int8 1 x 8',
      'clients fp32 2 x 8',
      'clients int8 2 x 8',
      'tokens fp32 2 x 16',
      'tokens int8 2 x 16',
    ]);
    for (const row of rows) for (const value of [row.textsPerSecond, row.p99Ms, row.raw.textsPerSecond]) expect(value).toBeGreaterThan(0);
    expect(said).toMatch(/medians of 1 runs/);
    const [first, ...points] = (await readFile(join(folder, 'serve-curves.jsonl'), 'utf8')).trim().split('\n');
    expect(JSON.parse(first!)).toMatchObject({ runs: 1, machine: { cores: expect.any(Number) } });
    expect(points.map((line) => JSON.parse(line))).toEqual(rows);
    expect((await readdir(folder)).filter((name) => name.endsWith('.svg'))).toHaveLength(4);
  },
  patience,
);

test('an argument that none of them has is named, with those that there are', async () => {
  await expect(quick('serve', '--peers', 'flask')).rejects.toThrow(
    /there is no "flask". Fix: name some of transformers-js, fastapi, or none/,
  );
  await expect(quick('serve', '--precision', 'int4')).rejects.toThrow(/has no file "int4". Fix: name some of fp32, int8/);
  await expect(quick('serve-curves', '--axis', 'width')).rejects.toThrow(/there is no "width". Fix: name some of clients, tokens, size/);
});

test('curves of another machine are not mixed with those of this one', async () => {
  const elsewhere = { processor: 'another', cores: 64, memory: 256, node: '20.0.0', onnxruntime: '1.0.0' };
  await writeFile(join(folder, 'serve-curves.jsonl'), `${JSON.stringify({ machine: elsewhere, runs: 3 })}\n`);
  await expect(quick('serve-curves', '--to', folder, '--axis', 'size')).rejects.toThrow(/has curves of another machine. Fix:/);
});
