/** @file The part of the report about the answers on val: confusion, curves, calibration, thresholds, mistakes. */
import { activate } from '../../models/index.js';
import { calibrationBins, calibrationError } from '../metrics/calibration.js';
import { confusionMatrix, indexOfLargest, labelMetrics } from '../metrics/confusion.js';
import { precisionRecallCurve } from '../metrics/ranking.js';
import { chart, type Series } from './charts.js';
import { type Html, html } from './html.js';
import { decimal, figure, percent, table } from './parts.js';
import type { ReportInput } from './report-input.js';

const mostMistakes = 25;
const mostCurves = 8;
const longestText = 400;

export function answersSection(input: ReportInput): Html {
  const scores = input.val.logits.map((row) => activate(input.activation, input.temperature, row));
  return html`
<h2>Answers on val</h2>
<div class="charts">${confusion(input, scores)}${precisionRecall(input, scores)}${calibration(input, scores)}</div>
<h2>Which texts are held</h2>
${thresholds(input, scores)}
<h2>Hardest examples</h2>
${mistakes(input, scores)}`;
}

type Scores = readonly (readonly number[])[];

function confusion({ labels, val }: ReportInput, scores: Scores): Html {
  const counts = confusionMatrix(labels.length, val.truth, scores.map(indexOfLargest));
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

function precisionRecall({ labels, val }: ReportInput, scores: Scores): Html {
  const series = labels.slice(0, mostCurves).flatMap((label, of): Series[] => {
    const curve = precisionRecallCurve(
      scores.map((row) => row[of]!),
      val.truth.map((truth) => truth === of),
    );
    return curve ? [{ name: label, color: of, points: [[0, curve[0]!.y], ...curve.map(({ x, y }) => [x, y] as const)] }] : [];
  });
  const left = labels.length > mostCurves ? ` The first ${mostCurves} of ${labels.length} labels.` : '';
  return figure(
    'Precision and recall',
    `What a threshold costs: how many of the texts with a label are found (recall), and how many of those found have it (precision).${left}`,
    chart({ label: 'Precision against recall for each label', x: 'recall', y: 'precision', series, xRange: [0, 1], yRange: [0, 1] }),
  );
}

function calibration({ activation, temperature, val }: ReportInput, scores: Scores): Html | null {
  if (activation === 'none') return null;
  const before = val.logits.map((row) => activate(activation, 1, row));
  const curve = (name: string, of: Scores, color: number): Series => ({
    name,
    color,
    dots: true,
    points: calibrationBins(of, val.truth).flatMap(({ score, accuracy }) =>
      score === null || accuracy === null ? [] : [[score, accuracy] as const],
    ),
  });
  const ideal: Series = { name: 'as sure as right', style: 'dashed', color: 5, points: [[0, 0], [1, 1]] }; // biome-ignore format: a line
  return figure(
    'Calibration',
    `Of the answers with a score of .8, eight in ten should be right. Expected error ${decimal(calibrationError(before, val.truth))} as trained, ${decimal(calibrationError(scores, val.truth))} with the temperature ${decimal(temperature)}, fitted on these texts.`,
    chart({
      label: 'Share of right answers against their score',
      x: 'score of the answer',
      y: 'share right',
      series: [curve('as trained', before, 1), curve('with temperature', scores, 0), ideal],
      xRange: [0, 1],
      yRange: [0, 1],
    }),
  );
}

function thresholds({ labels, policy, holdReason, val }: ReportInput, scores: Scores): Html {
  const rows = Object.entries(policy.labels).flatMap(([label, rule]) => {
    const of = labels.indexOf(label);
    return (['review', 'block'] as const).map((decision) => {
      const threshold = rule[decision];
      if (threshold === null) return [label, decision, 'never', '', '', ''];
      const held = scores.map((row) => (row[of]! >= threshold ? 1 : 0));
      const { precision, recall } = labelMetrics(
        confusionMatrix(
          2,
          val.truth.map((truth) => (truth === of ? 1 : 0)),
          held,
        ),
        1,
      );
      const share = held.reduce((a: number, b) => a + b, 0) / held.length;
      return [label, decision, String(threshold), share, recall, precision].map((cell) =>
        typeof cell === 'number' ? percent(cell) : (cell ?? '–'),
      );
    });
  });
  if (rows.length === 0) return html`<p>${holdReason ?? 'No label holds a text back.'}</p>`;
  return html`<p>${holdReason} A text is held from the score given here on; the shares are those of val, on which the thresholds were fitted.</p>
${table(['label', 'decision', 'from score', 'of all texts', 'of texts with the label', 'rightly held'], rows, 2)}`;
}

function mistakes({ labels, val }: ReportInput, scores: Scores): Html {
  const wrong = scores
    .map((row, i) => ({ i, answer: indexOfLargest(row), score: Math.max(...row) }))
    .filter(({ i, answer }) => answer !== val.truth[i])
    .sort((a, b) => b.score - a.score || a.i - b.i);
  if (wrong.length === 0) return html`<p>Every answer on val is right.</p>`;
  const rows = wrong.slice(0, mostMistakes).map(({ i, answer, score }) => {
    const { text, pair } = val.texts[i]!;
    return html`<tr><td class="text">${shorten(text)}${pair === undefined ? null : html`<br><span class="muted">${shorten(pair)}</span>`}</td>
<td>${labels[val.truth[i]!]}</td><td>${labels[answer]}</td><td class="number">${decimal(score)}</td></tr>`;
  });
  return html`<p>The ${Math.min(mostMistakes, wrong.length)} surest of ${wrong.length} wrong answers. Some may be right, and the label wrong.</p>
<div class="wide"><table><tr><th>text</th><th>label</th><th>answer</th><th class="number">score</th></tr>${rows}</table></div>`;
}

function shorten(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText).replace(/[\ud800-\udbff]$/, '')}…`;
}
