/** @file A training run on one page: how good, how it came about, what is wrong, on what data. Needs no network and no script. */
import type { Task } from '../data/example.js';
import { computeMetrics } from '../metrics/metrics.js';
import { answersSection } from './answers-section.js';
import { courseSection } from './course-section.js';
import { figuresSection } from './figures-section.js';
import { type Html, html } from './html.js';
import { page } from './page.js';
import { table } from './parts.js';
import type { ReportInput } from './report-input.js';

/** @returns a whole HTML document */
export function renderReport(input: ReportInput): string {
  const { task, labels, temperature, thresholds, val } = input;
  const metrics = computeMetrics({ task, labels, temperature, thresholds, logits: val.logits, targets: val.targets });
  const body = html`<h1>${input.title}</h1>
<p class="muted">Training report, ${input.created}. Figures on val, ${metrics.examples} examples.</p>
${figuresSection(input, metrics)}
${courseSection(input)}
${answersSection(input)}
${dataSection(input)}
<h2>Config</h2>
<pre>${JSON.stringify(input.config, null, 2)}</pre>`;
  return page(`${input.title} – training report`, body);
}

/** Labels that examples are counted by. */
const counted: { readonly [T in Task]: (labels: readonly string[]) => readonly string[] } = {
  'single-label': (labels) => labels,
  'multi-label': (labels) => labels,
  regression: () => [],
};

function dataSection({ task, labels: all, data }: ReportInput): Html {
  const labels = counted[task](all);
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
