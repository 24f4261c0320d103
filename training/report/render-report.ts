/** @file A training run on one page: how good, how it came about, what is wrong, on what data. Needs no network and no script. */
import { computeMetrics, type Metrics } from '../metrics/metrics.js';
import { answersSection } from './answers-section.js';
import { courseSection } from './course-section.js';
import { type Html, html, trusted } from './html.js';
import { decimal, table } from './parts.js';
import type { ReportInput } from './report-input.js';
import { style } from './style.js';

/** @returns a whole HTML document */
export function renderReport(input: ReportInput): string {
  const { labels, activation, temperature, val } = input;
  const metrics = computeMetrics({ labels, activation, temperature, logits: val.logits, truth: val.truth });
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${input.title} – training report</title>
<style>${trusted(style)}</style>
</head>
<body>
<main>
<h1>${input.title}</h1>
<p class="muted">Training report, ${input.created}. Figures on val, ${metrics.examples} examples.</p>
${headline(input, metrics)}
${perLabel(input, metrics)}
${courseSection(input)}
${answersSection(input)}
${dataSection(input)}
<h2>Config</h2>
<pre>${JSON.stringify(input.config, null, 2)}</pre>
</main>
</body>
</html>
`;
  return page.html;
}

function headline({ baselines }: ReportInput, metrics: Metrics): Html {
  const figures: readonly (readonly [string, number | null])[] = [
    ['macro F1', metrics.macroF1],
    ['accuracy', metrics.accuracy],
    ['AUC', metrics.auc],
    ['spAUC (to .1)', metrics.spauc],
    ['calibration error', metrics.ece],
  ];
  return html`
${baselines && comparison(metrics.macroF1 - baselines.tfIdf.macroF1)}
<div class="cards">${figures.map(([name, value]) => html`<div class="card"><b>${decimal(value)}</b>${name}</div>`)}</div>
${baselines && baselineTable(metrics, baselines)}`;
}

function comparison(gain: number): Html {
  const points = `${Math.abs(gain * 100).toFixed(1)} points of macro F1`;
  if (gain > 0)
    return html`<p class="verdict">This model is <span class="good">${points} better</span> than word and letter counts with a linear classifier.</p>`;
  const advice = 'Word counts are cheaper to run and easier to explain; more data, more epochs or pretrained weights may change that.';
  return html`<p class="verdict">This model is <span class="bad">${gain === 0 ? 'no better' : `${points} worse`}</span> than word and letter counts with a linear classifier. ${advice}</p>`;
}

function baselineTable({ macroF1, accuracy }: Metrics, { majority, tfIdf }: NonNullable<ReportInput['baselines']>): Html {
  const rows = [
    ['this model', macroF1, accuracy] as const,
    [`TF-IDF of words and letters, linear classifier (${tfIdf.trainedOn} examples)`, tfIdf.macroF1, tfIdf.accuracy] as const,
    [`always “${majority.label}”`, majority.macroF1, majority.accuracy] as const,
  ];
  return table(['on val', 'macro F1', 'accuracy'], rows.map(([name, ...values]) => [name, ...values.map(decimal)]), 1); // biome-ignore format: one table
}

function perLabel({ labels }: ReportInput, metrics: Metrics): Html {
  const rows = labels.map((label) => {
    const { precision, recall, f1, support } = metrics.perClass[label]!;
    return [label, decimal(precision), decimal(recall), decimal(f1), String(support)];
  });
  return html`<h2>By label</h2>${table(['label', 'precision', 'recall', 'F1', 'examples'], rows, 1)}`;
}

function dataSection({ labels, data }: ReportInput): Html {
  const rows = Object.entries(data.splits).map(([name, { examples, byLabel, truncated }]) => [
    name,
    String(examples),
    ...labels.map((label) => String(byLabel[label] ?? 0)),
    truncated === null ? '–' : String(truncated),
  ]);
  const warnings = data.warnings.map(
    ({ message, texts }) =>
      html`<li>${message}${texts.length > 0 ? html` <span class="muted">Such as: ${texts.map((text) => `“${text.slice(0, 120)}”`).join(', ')}</span>` : null}</li>`,
  );
  const fingerprints = Object.entries(data.fingerprint).map(([name, hash]) => [name, html`<code>${hash}</code>`]);
  return html`<h2>Data</h2>
${table(['split', 'examples', ...labels, 'too long, cut'], rows, 1)}
${warnings.length === 0 ? html`<p>No repeated texts, no contradictory labels.</p>` : html`<ul>${warnings}</ul>`}
<h3>Fingerprints (sha256)</h3>
${table(['split', 'of the labelled texts'], fingerprints)}`;
}
