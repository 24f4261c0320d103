/** @file The part of the report about the course of training. */
import type { Task } from '../data/example.js';
import { type MetricName, metricTitles, metricValue } from '../metrics/metric-names.js';
import { chart, type Series, smooth } from './charts.js';
import { type Html, html } from './html.js';
import { figure } from './parts.js';
import type { ReportInput, StepEntry } from './report-input.js';

export function courseSection(input: ReportInput): Html {
  const { steps, evaluations, bestStep, ended } = input;
  if (steps.length === 0) return html`<h2>Course of training</h2><p>No update was logged.</p>`;
  const last = steps.at(-1)!;
  const points = (of: (entry: StepEntry) => number) => steps.map((entry) => [entry.step, of(entry)] as const);
  const loss = points((entry) => entry.loss);
  const window = Math.max(5, steps.length / 25);
  const xRange = [0, Math.max(last.step, evaluations.at(-1)?.step ?? 0)] as const;
  const speed = steps.map(({ examplesPerSecond }) => examplesPerSecond).sort((a, b) => a - b)[Math.floor(steps.length / 2)]!;
  return html`
<h2>Course of training</h2>
<p>${last.step} updates, ${last.epoch.toFixed(2)} epochs, ${speed.toFixed(0)} examples a second in the middle. The weights of step ${bestStep} were kept. ${ended}</p>
<div class="charts">
${figure(
  'Loss',
  'Of each batch of train (faint), and smoothed.',
  chart({
    label: 'Training loss over steps',
    x: 'step',
    y: 'loss',
    xRange,
    series: [
      { name: 'each batch', points: loss, style: 'faint', color: 0 },
      { name: 'smoothed', points: smooth(loss, window), color: 0 },
    ],
  }),
)}
${partsFigure(steps, window, xRange)}
${evaluations.length === 0 ? null : valFigures[input.task].map((names) => valFigure(names, input, xRange))}
${figure('Learning rate', 'As scheduled.', chart({ label: 'Learning rate over steps', x: 'step', y: 'rate', xRange, series: [{ name: 'rate', points: points((entry) => entry.learningRate) }] }))}
${gradientFigure(
  points((entry) => entry.gradientNorm),
  window,
  xRange,
)}
</div>`;
}

/** Of the loss, where it is a sum of several. */
function partsFigure(steps: readonly StepEntry[], window: number, xRange: readonly [number, number]): Html | null {
  const names = [...new Set(steps.flatMap(({ parts = {} }) => Object.keys(parts)))];
  if (names.length < 2) return null;
  const series = names.map((name): Series => {
    const points = steps.flatMap(({ step, parts }) => (parts?.[name] === undefined ? [] : [[step, parts[name]] as const]));
    return { name, points: smooth(points, window) };
  });
  const caption = 'Each before its weight in the sum, smoothed.';
  return figure(
    'Parts of the loss',
    caption,
    chart({ label: 'Parts of the training loss over steps', x: 'step', y: 'loss', xRange, series }),
  );
}

/** Which figures are drawn over the steps, those of one scale together. */
const valFigures: { readonly [T in Task]: readonly (readonly [MetricName, ...MetricName[]])[] } = {
  'single-label': [['macroF1', 'accuracy']],
  'multi-label': [['macroF1', 'microF1', 'accuracy']],
  regression: [
    ['pearson', 'spearman'],
    ['mse', 'mae'],
  ],
};

function valFigure(
  names: readonly [MetricName, ...MetricName[]],
  { evaluations, baselines }: ReportInput,
  xRange: readonly [number, number],
): Html {
  const [first] = names;
  const reached = baselines?.tfIdf.figures[first] ?? null;
  const reference: Series[] =
    reached === null
      ? []
      : [{ name: `TF-IDF ${metricTitles[first]}`, style: 'dashed', color: 5, points: xRange.map((x) => [x, reached] as const) }];
  const series = names.map((name, color): Series => {
    const points = evaluations.flatMap(({ step, metrics }) => {
      const value = metricValue(metrics, name);
      return value === null ? [] : [[step, value] as const];
    });
    return { name: metricTitles[name], dots: true, color, points };
  });
  const titles = names.map((name) => metricTitles[name]).join(', ');
  return figure(
    first === 'mse' ? 'Error on val' : 'On val',
    'Measured with the averaged weights.',
    chart({ label: `On val over steps: ${titles}`, x: 'step', y: 'on val', xRange, series: [...series, ...reference] }),
  );
}

function gradientFigure(norms: readonly (readonly [number, number])[], window: number, xRange: readonly [number, number]): Html {
  const positive = norms.filter(([, norm]) => norm > 0);
  return figure(
    'Gradient norm',
    'Before clipping, on a logarithmic scale.',
    chart({
      label: 'Gradient norm over steps',
      x: 'step',
      y: 'norm',
      xRange,
      logarithmic: true,
      series: [
        { name: 'each step', points: positive, style: 'faint', color: 2 },
        { name: 'smoothed', points: smooth(positive, window), color: 2 },
      ],
    }),
  );
}
