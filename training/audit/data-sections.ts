/** @file The parts of the page about the data themselves: splits, duplicates, label rates, lengths, scripts. */
import { chart, type Series } from '../report/charts.js';
import { type Html, html } from '../report/html.js';
import { figure, percent, table } from '../report/parts.js';
import type { Audit } from './audit-data.js';
import { bar } from './bars.js';
import type { DuplicateCounts } from './duplicates.js';
import type { RateRow } from './label-rates.js';

const mostSeries = 8;

export function duplicatesSection({ duplicates }: Audit): Html {
  const row = (name: string, { exact, near, of }: DuplicateCounts) => [
    name,
    String(of),
    String(exact),
    String(near),
    bar({ value: of === 0 ? 0 : (exact + near) / of, color: 1 }),
  ];
  const rows = [
    ...Object.entries(duplicates.within).map(([name, counts]) => row(`within ${name}`, counts)),
    ...duplicates.across.map((counts) => row(`${counts.later}, known from ${counts.earlier}`, counts)),
  ];
  const largest = duplicates.largest.map(({ texts, byLabel, where }) => [
    String(texts),
    Object.entries(byLabel).map(([label, count]) => `${label} ${count}`).join(', '), // biome-ignore format: short
    html`<span class="muted">${where.join(', ')}</span>`,
  ]);
  return html`<h2>Repeated texts</h2>
<p>Nearly the same: ${duplicates.threshold * 100} % or more of the short runs of characters of two texts are shared (Jaccard), all pairs compared. ${duplicates.contradictory} texts have several labels; ${duplicates.contradictoryNear} have a near-duplicate with another label.</p>
${table(['where', 'texts', 'word for word', 'nearly', 'together'], rows, 1)}
${largest.length === 0 ? null : html`<h3>Largest groups of near-duplicates</h3>${table(['texts', 'labels', 'where'], largest)}`}`;
}

export function labelsSection({ labels, labelRates: { bySplit, byPeriod, byGroup } }: Audit): Html | null {
  if (labels.length === 0 || bySplit.length === 0) return null;
  const shown = labels.slice(0, mostSeries);
  const rates = (rows: readonly RateRow[], what: string) =>
    table(
      [what, 'texts', ...shown],
      rows.map(({ name, texts, labels: own }) => [
        name,
        String(texts),
        ...shown.map((label, i) => bar({ value: own[label]!.rate, low: own[label]!.low, high: own[label]!.high, color: i })),
      ]),
    );
  const series = shown.map((label, color): Series => ({
    name: label,
    color,
    dots: true,
    points: byPeriod.map(({ from, to, labels: own }) => [yearOf((from + to) / 2), own[label]!.rate] as const),
  })); // biome-ignore format: a series
  const middles = series[0]!.points.map(([x]) => x);
  const years = [Math.floor(Math.min(...middles) * 10) / 10, Math.ceil(Math.max(...middles) * 10) / 10] as const;
  const left = labels.length > mostSeries ? html`<p class="muted">The first ${mostSeries} of ${labels.length} labels.</p>` : null;
  return html`<h2>Labels</h2>${left}
${rates(bySplit, 'split')}
${byGroup.length === 0 ? null : html`<h3>By group (the largest)</h3>${rates(byGroup, 'group')}`}
${byPeriod.length === 0 ? null : html`<div class="charts">${figure('Labels over time', 'Share of the texts of each period; each has as many texts.', chart({ label: 'Share of each label over time', x: 'year', y: 'share of texts', series, xRange: years, yRange: [0, 1] }))}</div>${rates(byPeriod, 'period')}`}`;
}

export function shapeSection({ shape, splits }: Audit): Html {
  const { byLabel, step, characters, words, scripts } = shape;
  const series = Object.entries(byLabel)
    .slice(0, mostSeries)
    .map(([label, { texts, histogram }], color): Series => ({
      name: label || 'unlabelled',
      color,
      points: histogram.slice(0, -1).map((count, at) => [(at + 0.5) * step, texts === 0 ? 0 : count / texts] as const),
    })); // biome-ignore format: a series
  const longest = step * (Object.values(byLabel)[0]?.histogram.length ?? 1);
  const quantiles = [
    ['characters', characters] as const,
    ['words', words] as const,
    ...Object.entries(byLabel).map(([label, own]) => [`words, ${label || 'unlabelled'}`, own.words] as const),
  ].map(([name, q]) => [name, ...[q.min, q.p5, q.median, q.p95, q.max].map(String)]);
  const names = [...new Set(Object.values(scripts).flatMap((counts) => Object.keys(counts)))];
  const scriptRows = splits.map(({ name, texts }) => [
    name,
    ...names.map((script) => {
      const count = scripts[name]?.[script as keyof (typeof scripts)[string]] ?? 0;
      return texts === 0 ? '–' : `${count} (${percent(count / texts)})`;
    }),
  ]);
  return html`<h2>Texts</h2>
<div class="charts">${figure('Length', `Share of each label's texts by words, in steps of ${step}; the longest hundredth is left out.`, chart({ label: 'Length of texts by label', x: 'words', y: 'share of texts', xRange: [0, longest], series }))}</div>
${table(['', 'least', '5 %', 'half', '95 %', 'most'], quantiles, 1)}
<h3>Script of most letters (Unicode)</h3>
${table(['split', ...names], scriptRows, 1)}`;
}

const yearOf = (time: number): number => 1970 + time / (365.25 * 24 * 3600);
