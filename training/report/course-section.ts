/** @file The part of the report about the course of training. */
import { chart, smooth } from './charts.js';
import { type Html, html } from './html.js';
import { figure } from './parts.js';
import type { ReportInput, StepEntry } from './report-input.js';

export function courseSection({ steps, evaluations, bestStep, baselines, ended }: ReportInput): Html {
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
${evaluations.length === 0 ? null : valFigure(evaluations, baselines, xRange)}
${figure('Learning rate', 'As scheduled.', chart({ label: 'Learning rate over steps', x: 'step', y: 'rate', xRange, series: [{ name: 'rate', points: points((entry) => entry.learningRate) }] }))}
${gradientFigure(
  points((entry) => entry.gradientNorm),
  window,
  xRange,
)}
</div>`;
}

function valFigure(evaluations: ReportInput['evaluations'], baselines: ReportInput['baselines'], xRange: readonly [number, number]): Html {
  const reference = baselines
    ? [{ name: 'TF-IDF macro F1', style: 'dashed' as const, color: 5, points: xRange.map((x) => [x, baselines.tfIdf.macroF1] as const) }]
    : [];
  return figure(
    'On val',
    'Measured with the averaged weights.',
    chart({
      label: 'Macro F1 and accuracy on val over steps',
      x: 'step',
      y: 'on val',
      xRange,
      series: [
        { name: 'macro F1', dots: true, color: 0, points: evaluations.map(({ step, metrics }) => [step, metrics.macroF1] as const) },
        { name: 'accuracy', dots: true, color: 1, points: evaluations.map(({ step, metrics }) => [step, metrics.accuracy] as const) },
        ...reference,
      ],
    }),
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
