import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Task } from '../data/example.js';
import { chart, smooth } from './charts.js';
import { html } from './html.js';
import { renderReport } from './render-report.js';
import { exampleReport } from './report-example.js';
import { writeReport } from './write-report.js';

const everyPage = ['Loss', 'Parts of the loss', 'On val', 'Learning rate', 'Gradient norm', 'Which texts are held', 'Hardest examples', 'Data', 'Config']; // biome-ignore format: short
const ownParts: { readonly [T in Task]: readonly string[] } = {
  'single-label': ['By label', 'Confusion', 'Precision and recall', 'Calibration'],
  'multi-label': ['By label', 'Precision and recall', 'Calibration'],
  regression: ['Error on val', 'Predicted outrage'],
};

test.each(Object.keys(ownParts) as Task[])('%s: the page holds every part, and stands alone', (task) => {
  const page = renderReport(exampleReport(600, task));
  for (const part of [...everyPage, ...ownParts[task]]) expect(page).toMatch(new RegExp(`<h[23]>${part}</h[23]>`));
  expect(page.match(/<svg/g)).toHaveLength(7);
  expect(page).not.toMatch(/<script|<link|<img|url\(http|\bsrc=|\bhref="http|@import/);
  expect(page).not.toMatch(/NaN|undefined|null|Infinity/);
  expect(page.replaceAll(/xmlns(:\w+)?="[^"]+"/g, '')).not.toMatch(/https?:/);
});

test('a loss that is no sum has no parts', () => {
  const input = exampleReport();
  const steps = input.steps.map(({ parts: _parts, ...step }) => step);
  expect(renderReport({ ...input, steps })).not.toContain('Parts of the loss');
});

test('with several labels the score that each is given from is said, and which label a text lacks', () => {
  const input = exampleReport(60, 'multi-label');
  const page = renderReport(input);
  expect(page).toContain('given from score');
  expect(page).toContain(`>${input.thresholds!.politics}<`);
  expect(page).toMatch(/<td>politics, sport<\/td>/);
});

test('texts from outside are never markup', () => {
  const input = exampleReport();
  const page = renderReport({
    ...input,
    title: '<img onerror=x>',
    labels: ['<i>', '"\'&'],
    policy: { labels: { '<i>': { review: 0.5, block: null } } },
    config: { path: '</pre><script>' },
  });
  expect(page).not.toMatch(/<img|<i>|<b>not|<script/);
  expect(page).toContain('&#60;i&#62;');
});

test('the page stays small however long the run was', () => {
  const page = renderReport(exampleReport(60_000));
  expect(page.length).toBeLessThan(400_000);
});

test('no id is used twice', () => {
  const ids = [...renderReport(exampleReport()).matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test('a run without answers to measure, baselines or log still has a page', () => {
  const input = exampleReport();
  const page = renderReport({
    ...input,
    steps: [],
    evaluations: [],
    baselines: null,
    policy: { labels: {} },
    val: { texts: [{ text: 'one', pair: 'two' }], targets: [[1, 0]], logits: [[1, 0]] },
    data: { splits: {}, warnings: [], fingerprint: {} },
  });
  expect(page).toContain('No update was logged');
  expect(page).toContain('Every answer on val is right');
  expect(page).not.toMatch(/NaN|undefined|null/);
});

test('a model that does not beat word counts is told so', () => {
  const input = exampleReport();
  const baselines = { ...input.baselines!, tfIdf: { figures: { macroF1: 0.999, accuracy: 0.999 }, trainedOn: 10 } };
  expect(renderReport({ ...input, baselines })).toMatch(/points of macro F1 worse<\/span> than word and letter counts/);
  expect(renderReport(input)).toMatch(/points of macro F1 better<\/span> than/);
});

test('the report is written under its own name only', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'copydesk-report-'));
  expect(await writeReport(folder, exampleReport(50))).toBe(join(folder, 'report.html'));
  expect(await readdir(folder)).toEqual(['report.html']);
  expect(await readFile(join(folder, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/);
  await rm(folder, { recursive: true });
});

test('a cloud of many points is thinned evenly', () => {
  const points = Array.from({ length: 10_000 }, (_, i) => [i, i % 7] as const);
  const { html: svg } = chart({ label: 'cloud', x: 'x', y: 'y', series: [{ name: 'a', style: 'cloud', points }] });
  expect([...svg.matchAll(/<path d="M1 0A1/g)].length).toBeLessThanOrEqual(1200);
  expect(svg.length).toBeGreaterThan(50_000);
});

test('a chart keeps the spikes of a long curve', () => {
  const points = Array.from({ length: 10_000 }, (_, i) => [i, i === 5_003 ? 777 : 1] as const);
  const { html: svg } = chart({ label: 'spike', x: 'x', y: 'y', series: [{ name: 'a', points }] });
  const heights = [...svg.matchAll(/[ML ]([\d.]+) ([\d.]+)/g)].map(([, , y]) => Number(y));
  expect(Math.max(...heights) - Math.min(...heights)).toBeGreaterThan(200);
});

test('smoothing a constant changes nothing, from the first point on', () => {
  expect(smooth([[0, 3], [1, 3], [2, 3]], 10).map(([, y]) => y)).toEqual([3, 3, 3].map((y) => expect.closeTo(y, 12))); // biome-ignore format: short
});

test('html escapes what is not html', () => {
  expect(html`<p title="${'"\'&'}">${'<'}${html`<b>${3}</b>`}${[null, undefined, '>']}</p>`.html).toBe(
    '<p title="&#34;&#39;&#38;">&#60;<b>3</b>&#62;</p>',
  );
});
