/** @file `study.html`: the runs of a study side by side. */
import { type MetricName, metricsOfTask, metricTitles } from '../metrics/metric-names.js';
import { chart } from '../report/charts.js';
import { type Html, html } from '../report/html.js';
import { page } from '../report/page.js';
import { figure, table } from '../report/parts.js';
import type { FinishedRun } from './finished-run.js';
import { intervalChart } from './interval-chart.js';
import type { Spread } from './spread.js';
import type { StudyKind, StudyResult } from './study-result.js';

const kinds: { readonly [K in StudyKind]: { readonly title: string; readonly interval: string } } = {
  seeds: {
    title: 'The same config with several seeds',
    interval: 'of the mean, over the texts and the seeds',
  },
  folds: {
    title: 'A cross-validation',
    interval: 'of the mean, over the texts of each fold',
  },
};

export function studyPage(result: StudyResult, runs: readonly FinishedRun[]): string {
  const { kind, by, name, failed } = result;
  const { task } = runs[0]!.answers;
  const metrics = metricsOfTask[task].filter((metric) => result.intervals[metric]?.low !== null);
  return page(
    `${name} – study`,
    html`<h1>${name}</h1>
<p class="muted">${kinds[kind].title}: ${result.runs.length} runs${by ? `, dealt by ${by}` : ''}. Figures on val.</p>
${failed.map((run) => html`<p class="bad">${run.name} failed: ${run.message}</p>`)}
<div class="cards">${metrics.map((metric) => card(metricTitles[metric], result.summary.val?.[metric]))}</div>
<h2>Figures</h2>
${figuresTable(result, metrics)}
${perLabel(result)}
<h2>Runs</h2>
<div class="charts">${figure(
      `${metricTitles[result.metric]} of each run`,
      `On val: the runs by themselves, and last the 95 % interval ${kinds[kind].interval}.`,
      runsChart(result),
    )}${courses(runs, result.metric)}</div>
${runsTable(result, metrics)}`,
  );
}

const card = (title: string, spread: Spread | undefined): Html | null =>
  spread === undefined ? null : html`<div class="card"><b>${number(spread.mean)}</b>${title} ± ${number(spread.deviation)}</div>`;

function figuresTable({ summary, intervals, kind }: StudyResult, metrics: readonly MetricName[]): Html {
  const rows = Object.entries(summary).flatMap(([split, spreads]) =>
    metrics.flatMap((metric) => {
      const spread = spreads[metric];
      if (!spread) return [];
      const { low, high } = (split === 'val' ? intervals[metric] : undefined) ?? { low: null, high: null };
      const interval = low === null || high === null ? '–' : `${number(low)} to ${number(high)}`;
      return [[split, metricTitles[metric], ...cells(spread), interval]];
    }),
  );
  return html`${table(['split', 'figure', 'mean', 'deviation', 'least', 'most', '95 % interval'], rows, 2)}
<p class="muted">Deviation, least and most are over the runs; the interval is ${kinds[kind].interval}.</p>`;
}

function perLabel({ summary, labels }: StudyResult): Html | null {
  const rows = labels.flatMap((label) => {
    const spread = summary.val?.[`perClass.${label}.f1`];
    return spread ? [[label, ...cells(spread)]] : [];
  });
  return rows.length === 0 ? null : html`<h2>F1 by label</h2>${table(['label', 'mean', 'deviation', 'least', 'most'], rows, 1)}`;
}

function runsChart({ runs, metric, intervals, summary }: StudyResult): Html {
  const each = runs.flatMap(({ name, metrics: { val } }) => {
    const value = (val as Readonly<Record<string, unknown>> | undefined)?.[metric];
    return typeof value === 'number' ? [{ name, value, low: null, high: null, color: 'muted' as const }] : [];
  });
  const whole = intervals[metric];
  const all = whole && summary.val?.[metric] ? [{ name: 'mean', ...whole }] : [];
  return intervalChart({
    label: `${metricTitles[metric]} of each run`,
    axis: metricTitles[metric],
    rows: [...each, ...all],
    format: number,
  });
}

function courses(runs: readonly FinishedRun[], metric: MetricName): Html | null {
  const series = runs.flatMap(({ name, log }, color) => {
    const points = log.flatMap((entry) => {
      const value = entry.kind === 'evaluation' ? (entry.metrics as Readonly<Record<string, unknown>>)[metric] : undefined;
      return typeof value === 'number' ? [[entry.step, value] as const] : [];
    });
    return points.length === 0 ? [] : [{ name, points, dots: true, color }];
  });
  if (series.length === 0) return null;
  const title = `${metricTitles[metric]} while training`;
  return figure(
    title,
    'On val, measured with the averaged weights.',
    chart({ label: title, x: 'step', y: metricTitles[metric], series: series.slice(0, 8) }),
  );
}

function runsTable({ runs }: StudyResult, metrics: readonly MetricName[]): Html {
  const rows = runs.map(({ name, bestStep, metrics: { val }, secondsPerText }) => [
    name,
    ...metrics.map((metric) => number(((val as Readonly<Record<string, unknown>> | undefined)?.[metric] as number | undefined) ?? null)),
    String(bestStep),
    secondsPerText === null ? '–' : (1 / secondsPerText).toFixed(0),
  ]);
  return table(['run', ...metrics.map((metric) => metricTitles[metric]), 'best step', 'texts a second'], rows, 1);
}

const cells = ({ mean, deviation, min, max }: Spread): string[] => [mean, deviation, min, max].map(number);

const number = (value: number | null): string => (value === null ? '–' : value.toFixed(4));
