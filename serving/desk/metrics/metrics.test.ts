/** @file What `/metrics` says: well named, bounded, and gone when a model is. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { errorCodes } from '../../protocol/index.js';
import { jobMetrics } from './job-metrics.js';
import { createMetrics } from './metrics.js';
import { reviewMetrics } from './review-metrics.js';

const promtool = spawnSync('promtool', ['--version']).status === 0;

/** One of each, with every label set. */
async function everyMetric(metrics = createMetrics(), version = '1'): Promise<ReturnType<typeof createMetrics>> {
  count(metrics, version);
  return metrics;
}

function count(metrics: object, version: string): void {
  for (const metric of Object.values(metrics)) {
    const names: unknown = (metric as { labelNames?: unknown }).labelNames;
    if (!Array.isArray(names) || names.length === 0) continue;
    const labels = Object.fromEntries(names.map((name) => [name, name === 'model' ? 'm' : name === 'version' ? version : 'x']));
    const child = (metric as { labels(of: object): { inc?(): void; observe?(value: number): void } }).labels(labels);
    (child.inc ?? (() => child.observe?.(0.5)))();
  }
}

/** What only some servers count, too. */
const withParts = async (): Promise<ReturnType<typeof createMetrics>> => {
  const metrics = await everyMetric();
  const registers = [metrics.registry];
  count(reviewMetrics(registers), '1');
  const jobs = jobMetrics(registers);
  count(jobs, '1');
  jobs.follow(() => ({ states: { queued: 1 }, oldestQueued: 1, longestStill: 1 }));
  return metrics;
};

test.skipIf(!promtool)(`names, types and units are as Prometheus wants them${promtool ? '' : ' (skipped: no promtool)'}`, async () => {
  const { registry } = await withParts();
  const { status, stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], { input: await registry.metrics(), encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toBe('');
  expect(status).toBe(0);
});

test('no label holds who asks, or what', async () => {
  const { registry } = await withParts();
  const names = new Set((await registry.getMetricsAsJSON()).flatMap(({ values }) => values.flatMap(({ labels }) => Object.keys(labels))));
  const known = [
    'route',
    'code',
    'model',
    'version',
    'stage',
    'reason',
    'outcome',
    'decision',
    'kind',
    'name',
    'mode',
    'label',
    'le',
    'event',
  ];
  const rest = [
    'shadow',
    'agrees',
    'shadow_decision',
    'default',
    'release',
    'node',
    'major',
    'minor',
    'patch',
    'quantile',
    'space',
    'type',
    'status',
    'state',
    'action',
    'cause',
  ];
  expect([...names].filter((name) => ![...known, ...rest, 'provider', 'wanted', 'method', 'source'].includes(name))).toEqual([]);
});

test('what may be refused is counted from nothing, so that the first refusal is seen', async () => {
  const text = await createMetrics().registry.metrics();
  for (const code of errorCodes) expect(text).toContain(`copydesk_rejected_total{reason="${code}"} 0`);
  for (const stage of ['admission', 'batch', 'queue']) expect(text).toContain(`copydesk_texts_shed_total{stage="${stage}"} 0`);
});

test('versions that came and went leave nothing behind', async () => {
  const metrics = await everyMetric();
  const lines = async (): Promise<string[]> => (await metrics.registry.metrics()).split('\n').filter((line) => line.includes('model="m"'));
  const one = await lines();
  expect(one.length).toBeGreaterThan(50);
  await metrics.forget('m', '2');
  expect(await lines()).toHaveLength(one.length);
  await everyMetric(metrics, '2');
  await metrics.forget('m', '1');
  expect(await lines()).toHaveLength(one.length);
  await metrics.forget('m', '2');
  expect(await lines()).toEqual([]);
});

test('buckets tell a millisecond from two', async () => {
  const metrics = createMetrics();
  metrics.stageDuration.labels('m', '1', 'infer').observe(0.0009);
  metrics.stageDuration.labels('m', '1', 'infer').observe(0.0019);
  const text = await metrics.registry.metrics();
  expect(text).toContain('copydesk_stage_duration_seconds_bucket{le="0.001",model="m",version="1",stage="infer"} 1');
  expect(text).toContain('copydesk_stage_duration_seconds_bucket{le="0.002",model="m",version="1",stage="infer"} 2');
});
