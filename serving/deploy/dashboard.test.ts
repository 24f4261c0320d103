/** @file Dashboard, alerts and their page in the documentation name what a server really counts. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { jobMetrics } from '../desk/metrics/job-metrics.js';
import { createMetrics } from '../desk/metrics/metrics.js';
import { reviewMetrics } from '../desk/metrics/review-metrics.js';
import { dashboard } from './dashboard/dashboard.js';
import { rows } from './dashboard/panels.js';
import { madeFiles } from './made-files.js';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const alerts = read('prometheus/alerts.yml');
const documentation = read('../../docs/monitoring.md');
const panels = rows.flatMap((row) => row.panels);

const { registry } = createMetrics();
reviewMetrics([registry]);
jobMetrics([registry]);
/** By name, the labels of each metric. */
const counted = new Map(
  registry
    .getMetricsAsArray()
    .map((metric) => [metric.name, new Set<string>((metric as { labelNames?: readonly string[] }).labelNames ?? [])]),
);
const base = (name: string): string => (counted.has(name) ? name : name.replace(/_(bucket|sum|count)$/, ''));
/** By Prometheus itself. */
const given = new Set(['job', 'instance', 'le', 'namespace', 'pod']);

/** Metrics in an expression, and the labels by which they are chosen. */
const mentioned = (text: string): readonly (readonly [string, readonly string[]])[] =>
  [...text.matchAll(/\b((?:copydesk|nodejs|process)_[a-z0-9_]+)(?:\{([^}]*)\})?/g)].map(([, name = '', selector = '']) => [
    base(name),
    [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
  ]);

test.each([...madeFiles()])('%s is made from what is here now (node --import tsx serving/deploy/write-files.ts)', (path, content) => {
  const same = (text: string): unknown => (path.endsWith('.json') ? JSON.parse(text) : text);
  expect(same(read(path))).toEqual(same(content));
});

test.each([
  ['panel', panels.flatMap(({ lines }) => lines.map(([expression]) => expression)).join('\n')],
  ['variable or annotation', JSON.stringify(dashboard(), null, 1).replaceAll('\\"', '"')],
  ['alert', alerts],
  ['manifest of Kubernetes', read('kubernetes/autoscaler.yaml') + read('kubernetes/scaled-object.yaml')],
])('what a %s names is counted, with these labels', (_, text) => {
  const found = mentioned(text);
  expect(found.length).toBeGreaterThan(0);
  expect(found.filter(([name]) => !counted.has(name)).map(([name]) => name)).toEqual([]);
  for (const [name, labels] of found)
    expect(
      labels.filter((label) => !given.has(label) && !counted.get(name)?.has(label)),
      name,
    ).toEqual([]);
});

test('each panel says in words what it shows, has a name of its own, and lies in the grid', () => {
  expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length - 1); // Load stands twice: as a figure, and over time.
  for (const { title, about, width } of panels) {
    expect(about.length, title).toBeGreaterThan(10);
    expect(about.length, title).toBeLessThan(160);
    expect(width, title).toBeLessThanOrEqual(24);
  }
  const placed = (dashboard() as { panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[] }).panels;
  const cells = placed.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)}:${y + Math.floor(i / w)}`),
  );
  expect(new Set(cells).size, 'no two panels lie on one another').toBe(cells.length);
});

test('each alert has a severity, says what is wrong and what to do, and is in the documentation', () => {
  const each = alerts.split('- alert: ').slice(1);
  expect(each.length).toBeGreaterThan(14);
  for (const alert of each) {
    const [name = ''] = alert.split('\n');
    expect(alert, name).toMatch(/severity: (page|ticket)/);
    expect(alert, name).toMatch(/summary: '.+'/);
    expect(alert, name).toMatch(/runbook: '.{60,}'/);
    expect(documentation, name).toContain(`\`${name}\``);
  }
});

test('each metric of ours is in the documentation', () => {
  const ours = [...counted.keys()].filter((name) => name.startsWith('copydesk_'));
  expect(ours.filter((name) => !documentation.includes(`\`${name}`))).toEqual([]);
});
