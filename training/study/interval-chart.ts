/** @file Intervals under one another on one axis, as inline SVG in the colours of the page. */
import { type Html, html } from '../report/html.js';

export type IntervalRow = {
  readonly name: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Single runs, drawn faint. */
  readonly dots?: readonly number[];
  readonly color?: 'accent' | 'good' | 'bad' | 'muted';
};

export type IntervalChart = {
  /** Said to those who cannot see it. */
  readonly label: string;
  readonly axis: string;
  readonly rows: readonly IntervalRow[];
  /** A line across all rows, such as no difference. */
  readonly line?: number;
  readonly format: (value: number) => string;
};

const [width, names, right, rowHeight, foot] = [660, 240, 36, 28, 44];

export function intervalChart({ label, axis, rows, line, format }: IntervalChart): Html {
  const all = rows.flatMap(({ value, low, high, dots = [] }) => [value, low ?? value, high ?? value, ...dots]);
  const { from, to, ticks } = axisOf([...all, ...(line === undefined ? [] : [line])]);
  const x = (value: number) => Number((names + ((value - from) / (to - from)) * (width - names - right)).toFixed(1));
  const bottom = rows.length * rowHeight + 8;
  const text = 'font-family: system-ui, sans-serif; font-size: 13px; fill: var(--ink)';
  return html`<svg viewBox="0 0 ${width} ${bottom + foot}" style="max-width: 48rem" role="img" aria-label="${label}">
${ticks.map(
  (tick) => html`<line x1="${x(tick)}" x2="${x(tick)}" y1="4" y2="${bottom}" stroke="var(--line)"/>
<text x="${x(tick)}" y="${bottom + 16}" text-anchor="middle" style="${text}; fill: var(--muted)">${format(tick)}</text>`,
)}
${line === undefined ? null : html`<line x1="${x(line)}" x2="${x(line)}" y1="4" y2="${bottom}" stroke="var(--muted)" stroke-dasharray="4 3"/>`}
<text x="${(names + width - right) / 2}" y="${bottom + 36}" text-anchor="middle" style="${text}; fill: var(--muted)">${axis}</text>
${rows.map(({ name, value, low, high, dots = [], color = 'accent' }, i) => {
  const y = i * rowHeight + rowHeight / 2 + 4;
  const stroke = `var(--${color})`;
  return html`<text x="${names - 14}" y="${y + 4}" text-anchor="end" style="${text}">${shorten(name)}<title>${name}</title></text>
${low === null || high === null ? null : html`<line x1="${x(low)}" x2="${x(high)}" y1="${y}" y2="${y}" stroke="${stroke}" stroke-width="3" stroke-linecap="round"/>`}
${dots.map((dot) => html`<circle cx="${x(dot)}" cy="${y}" r="3" fill="none" stroke="var(--muted)"/>`)}
<circle cx="${x(value)}" cy="${y}" r="5" fill="${stroke}"><title>${format(value)}</title></circle>`;
})}
</svg>`;
}

/** Round ticks, about six, and what they span. */
function axisOf(values: readonly number[]): { readonly from: number; readonly to: number; readonly ticks: readonly number[] } {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const raw = Math.max(most - least, 1e-6) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10);
  const [first, last] = [Math.floor(least / step), Math.ceil(most / step)];
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  return { from: first * step, to: Math.max(last, first + 1) * step, ticks };
}

const shorten = (name: string): string => (name.length <= 32 ? name : `${name.slice(0, 31)}…`);
