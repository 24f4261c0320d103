import type { Task } from '../data/example.js';
import { hardExamples } from '../metrics/hard-examples.js';
import { type Html, html } from './html.js';
import { decimal } from './parts.js';
import type { ReportInput } from './report-input.js';

const mostShown = 25;
const longestText = 400;

/** What the model gets most wrong, for a person to read. */
export function hardSection({ task, labels, temperature, thresholds, val }: ReportInput): Html {
  const { texts: examples, logits, targets } = val;
  const hard = hardExamples({ task, labels, temperature, thresholds, logits, targets, examples, most: examples.length });
  if (hard.length === 0) return html`<p>Every answer on val is right.</p>`;
  const rows = hard.slice(0, mostShown).map(
    ({ position, text, pair, truth, answer, loss }) =>
      html`<tr><td class="muted">${position}</td><td class="text">${shorten(text)}${pair === undefined ? null : html`<br><span class="muted">${shorten(pair)}</span>`}</td>
<td>${named(truth)}</td><td>${named(answer)}</td><td class="number">${decimal(loss)}</td></tr>`,
  );
  return html`<p>${introductions[task](rows.length, hard.length)} Each with its place in val. Some answers may be right, and the label wrong.</p>
<div class="wide"><table><tr><th>place</th><th>text</th><th>label</th><th>answer</th><th class="number">loss</th></tr>${rows}</table></div>`;
}

const introductions: { readonly [T in Task]: (shown: number, all: number) => string } = {
  'single-label': (shown, all) => `The ${shown} surest of ${all} wrong answers.`,
  'multi-label': (shown, all) => `The ${shown} with the highest loss of ${all} texts with a label too many or too few.`,
  regression: (shown, all) => `The ${shown} of ${all} texts whose values are furthest off.`,
};

const named = (labels: readonly string[]): string => (labels.length === 0 ? '–' : labels.join(', '));

function shorten(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText).replace(/[\ud800-\udbff]$/, '')}…`;
}
