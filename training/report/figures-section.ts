/** @file The top of the report: how good the model is, and whether that was worth training it. */
import type { Task } from '../data/example.js';
import { comparedFigures, type Figures, type MetricName, metricDirections, metricTitles, metricValue } from '../metrics/metric-names.js';
import type { Metrics, MetricsByTask } from '../metrics/metrics.js';
import { type Html, html } from './html.js';
import { decimal, table } from './parts.js';
import type { ReportInput } from './report-input.js';

export function figuresSection({ task, baselines }: ReportInput, metrics: Metrics): Html {
  const cards = cardsOf[task].map((name) => [titles[name] ?? metricTitles[name], metricValue(metrics, name)] as const);
  const error = 'ece' in metrics ? [['calibration error', metrics.ece] as const] : [];
  return html`
${baselines && comparison(task, metrics, baselines)}
<div class="cards">${[...cards, ...error].map(([name, value]) => html`<div class="card"><b>${decimal(value)}</b>${name}</div>`)}</div>
${baselines && baselineTable(task, metrics, baselines)}
${(details[task] as (metrics: Metrics) => Html | null)(metrics)}`;
}

const cardsOf: { readonly [T in Task]: readonly MetricName[] } = {
  'single-label': ['macroF1', 'accuracy', 'auc', 'spauc'],
  'multi-label': ['macroF1', 'microF1', 'accuracy', 'auc', 'spauc'],
  regression: ['pearson', 'spearman', 'mse', 'mae'],
};

const titles: { readonly [N in MetricName]?: string } = { spauc: 'spAUC (to .1)' };

type Baselines = NonNullable<ReportInput['baselines']>;

function comparison(task: Task, metrics: Metrics, { tfIdf }: Baselines): Html | null {
  const [name] = comparedFigures[task];
  const [ours, theirs] = [metricValue(metrics, name), metricValue(tfIdf.figures, name)];
  if (ours === null || theirs === null) return null;
  const gain = metricDirections[name] * (ours - theirs);
  const points = `${Math.abs(gain * 100).toFixed(1)} points of ${metricTitles[name]}`;
  if (gain > 0)
    return html`<p class="verdict">This model is <span class="good">${points} better</span> than word and letter counts with a linear model.</p>`;
  const advice = 'Word counts are cheaper to run and easier to explain; more data, more epochs or pretrained weights may change that.';
  return html`<p class="verdict">This model is <span class="bad">${gain === 0 ? 'no better' : `${points} worse`}</span> than word and letter counts with a linear model. ${advice}</p>`;
}

function baselineTable(task: Task, metrics: Metrics, { constant, tfIdf }: Baselines): Html {
  const names = comparedFigures[task];
  const rows: readonly (readonly [string, Metrics | Figures])[] = [
    ['this model', metrics],
    [`TF-IDF of words and letters, linear model (${tfIdf.trainedOn} examples)`, tfIdf.figures],
    [`always ${constant.says}`, constant.figures],
  ];
  return table(
    ['on val', ...names.map((name) => metricTitles[name])],
    rows.map(([row, figures]) => [row, ...names.map((name) => decimal(metricValue(figures, name)))]),
    1,
  );
}

const details: { readonly [T in Task]: (metrics: MetricsByTask[T]) => Html | null } = {
  'single-label': ({ perClass }) => {
    const rows = Object.entries(perClass).map(([label, { precision, recall, f1, support }]) => [
      label,
      ...[precision, recall, f1].map(decimal),
      String(support),
    ]);
    return html`<h2>By label</h2>${table(['label', 'precision', 'recall', 'F1', 'examples'], rows, 1)}`;
  },
  'multi-label': ({ perClass }) => {
    const rows = Object.entries(perClass).map(([label, { precision, recall, f1, auc, spauc, threshold, support }]) => [
      label,
      ...[precision, recall, f1, auc, spauc].map(decimal),
      String(threshold),
      String(support),
    ]);
    return html`<h2>By label</h2>
${table(['label', 'precision', 'recall', 'F1', 'AUC', 'spAUC', 'given from score', 'examples'], rows, 1)}
<p class="muted">The scores from which labels are given have the best F1 on val, on which these figures are taken.</p>`;
  },
  regression: ({ perValue }) => {
    const rows = Object.entries(perValue).map(([name, { pearson, spearman, mse, mae }]) => [
      name,
      ...[pearson, spearman, mse, mae].map(decimal),
    ]);
    return rows.length < 2 ? null : html`<h2>By value</h2>${table(['value', 'Pearson', 'Spearman', 'MSE', 'MAE'], rows, 1)}`;
  },
};
