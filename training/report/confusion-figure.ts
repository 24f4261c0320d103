import { labelOf } from '../data/example.js';
import { confusionMatrix, indexOfLargest } from '../metrics/confusion.js';
import { type Html, html } from './html.js';
import { figure, percent } from './parts.js';
import type { ReportInput, Scores } from './report-input.js';

/** Which label is taken for which. */
export function confusionFigure({ labels, val }: ReportInput, scores: Scores): Html {
  const truths = val.targets.map((target) => labelOf({ target }));
  const counts = confusionMatrix(labels.length, truths, scores.map(indexOfLargest));
  const rows = counts.map((row, truth) => {
    const total = row.reduce((a, b) => a + b, 0);
    const cells = row.map((count, answer) => {
      const share = total === 0 ? 0 : count / total;
      const title = `${count} of ${total} ${labels[truth]} were called ${labels[answer]}`;
      return html`<td title="${title}" style="background: rgba(var(--accent-rgb), ${(share * 0.6).toFixed(3)})">${count}<br><span class="muted">${percent(share)}</span></td>`;
    });
    return html`<tr><th scope="row">${labels[truth]}</th>${cells}</tr>`;
  });
  const head = html`<tr><th>truth ↓ answer →</th>${labels.map((label) => html`<th scope="col">${label}</th>`)}</tr>`;
  return figure(
    'Confusion',
    'Rows are the truth, columns the answers; shares are of the row.',
    html`<div class="wide"><table class="confusion">${head}${rows}</table></div>`,
  );
}
