/** @file The answers of a regression: predicted against true values. */
import { chart, type Series } from './charts.js';
import type { Html } from './html.js';
import { figure } from './parts.js';
import type { ReportInput, Scores } from './report-input.js';

const mostValues = 8;

/** One cloud of points for each value. */
export function valueFigures({ labels, val }: ReportInput, predicted: Scores): Html[] {
  return labels.slice(0, mostValues).map((label, of) => {
    const points = val.targets.map((target, i) => [target[of]!, predicted[i]![of]!] as const);
    const [across, up] = [roundRange(points.map(([truth]) => truth)), roundRange(points.flat())];
    const series: Series[] = [
      { name: 'predicted', style: 'cloud', points, color: 0 },
      { name: 'as it should be', style: 'dashed', color: 5, points: across.map((value) => [value, value] as const) },
    ];
    return figure(
      `Predicted ${label}`,
      'Each point is a text: above the line it was given too much, below too little.',
      chart({ label: `Predicted against true ${label}`, x: `true ${label}`, y: 'predicted', series, xRange: across, yRange: up }),
    );
  });
}

/** The range of the values, out to the next round numbers on both sides. */
function roundRange(values: readonly number[]): readonly [number, number] {
  const low = values.reduce((a, b) => Math.min(a, b), values[0] ?? 0);
  const high = values.reduce((a, b) => Math.max(a, b), values[0] ?? 1);
  const rough = (high - low || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (rough < 1.5 * power ? 1 : rough < 3.5 * power ? 2 : rough < 7.5 * power ? 5 : 10);
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(high / step));
  return [first * step, last * step].map((value) => Number(value.toPrecision(6))) as [number, number];
}
