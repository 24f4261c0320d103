import { expect, test } from 'vitest';
import type { LoadReport } from './load.js';
import type { RawServed, Served, ServingFigures } from './measure-serving.js';
import { serveRows } from './serve-rows.js';

const rounds = <T>(of: T): readonly T[] => Array.from({ length: 5 }, () => of);
const report = (textsPerSecond: number, p99Ms: number): LoadReport =>
  ({ requests: textsPerSecond * 2, failures: 0, seconds: 2, p50Ms: p99Ms / 2, p99Ms }); // biome-ignore format: short
const served = (name: string, rate: number, p99Ms: number, precision?: 'fp32' | 'int8'): Served => ({
  name,
  ...(precision ? { precision } : {}),
  many: rounds(report(rate, p99Ms)),
  one: rounds(report(rate / 2, 4)),
  spent: [],
});
const raw = (precision: 'fp32' | 'int8', batch: number, textsPerSecond: number, p50Ms: number, more = {}): RawServed => ({
  precision,
  rawCase: { workers: 2, threads: 1, batch, sorted: false, ...more },
  alone: batch === 1 && textsPerSecond < 60,
  rates: rounds({ textsPerSecond, p50Ms }),
});

const figures: ServingFigures = {
  ours: [served('Copydesk fp32', 90, 400, 'fp32'), served('Copydesk int8', 180, 200, 'int8')],
  peers: [served('another', 60, 800)],
  raw: [
    raw('fp32', 8, 40, 9),
    raw('fp32', 1, 100, 9),
    raw('fp32', 8, 500, 9, { sorted: true }),
    raw('fp32', 1, 50, 5),
    raw('fp32', 1, 55, 3, { threads: 2 }),
    raw('int8', 1, 200, 9),
    raw('int8', 1, 50, 2),
  ],
};
const options = { description: 'a model', clients: 32, quick: false };

test('each file is held to raw on the same file, and of its ways to the best that knows no text beforehand', () => {
  const rows = serveRows(figures, options);
  const found = (engine: string, peer: RegExp, unit: string) =>
    rows.find((row) => row.engine === engine && peer.test(row.peer) && row.unit === unit);
  expect(found('Copydesk fp32', /^raw/, 'texts/s')).toMatchObject({
    case: 'serve a model, 32 clients',
    peer: 'raw fp32, 2 workers x 1 thread, batch 1',
    ratio: 0.9,
    runs: 5,
  });
  expect(found('Copydesk fp32', /^raw/, 'ms')).toMatchObject({ case: 'serve a model, 1 client, p50', theirs: 3, ours: 2, ratio: 1.5 });
  expect(found('Copydesk int8', /^raw int8/, 'texts/s')).toMatchObject({ theirs: 200, ratio: 0.9 });
});

test('int8 is held to our own fp32, and other servers to it too: by texts a second and by p99', () => {
  const rows = serveRows(figures, options).filter(({ peer }) => !peer.startsWith('raw'));
  expect(rows.map(({ engine, peer, unit, ratio }) => [engine, peer, unit, ratio])).toEqual([
    ['Copydesk int8', 'Copydesk fp32', 'texts/s', 2],
    ['Copydesk int8', 'Copydesk fp32', 'ms', 2],
    ['Copydesk fp32', 'another', 'texts/s', 1.5],
    ['Copydesk fp32', 'another', 'ms', 2],
  ]);
});

test('a quick run gives no ratio', () => {
  for (const { ratio } of serveRows(figures, { ...options, quick: true })) expect(ratio).toBeNull();
});
