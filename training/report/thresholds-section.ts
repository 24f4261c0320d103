import { countAnswers, labelMetrics } from '../metrics/confusion.js';
import { type Html, html } from './html.js';
import { percent, table } from './parts.js';
import type { ReportInput, Scores } from './report-input.js';

/** From which score on texts are held, and what that comes to on val. */
export function thresholdsSection({ labels, policy, holdReason, val }: ReportInput, scores: Scores): Html {
  const rows = Object.entries(policy.labels).flatMap(([label, rule]) => {
    const of = labels.indexOf(label);
    const truth = val.targets.map((target) => target[of]! >= 0.5);
    return (['review', 'block'] as const).map((decision) => {
      const threshold = rule[decision];
      if (threshold === null) return [label, decision, 'never', '', '', ''];
      const held = scores.map((row) => row[of]! >= threshold);
      const { precision, recall } = labelMetrics(countAnswers(truth, held));
      const share = held.length === 0 ? null : held.filter(Boolean).length / held.length;
      return [label, decision, String(threshold), ...[share, recall, precision].map((part) => (part === null ? '–' : percent(part)))];
    });
  });
  if (rows.length === 0) return html`<p>${holdReason ?? 'No label holds a text back.'}</p>`;
  return html`<p>${holdReason} A text is held from the score given here on; the shares are those of val, on which the thresholds were fitted.</p>
${table(['label', 'decision', 'from score', 'of all texts', 'of texts with the label', 'rightly held'], rows, 2)}`;
}
