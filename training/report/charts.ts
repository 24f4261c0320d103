/** @file Curves on a page, inline. Colours are the page's, light and dark. */
import { type Chart, drawChart } from '../../models/charts/node.js';
import { type Html, html, trusted } from './html.js';

export type { Chart, Series } from '../../models/charts/node.js';

export function chart({ label, ...drawn }: Chart): Html {
  return html`<div role="img" aria-label="${label}">${trusted(drawChart(drawn))}</div>`;
}

/** An exponential moving average over about `window` points, started without bias. */
export function smooth(points: readonly (readonly [number, number])[], window: number): (readonly [number, number])[] {
  const keep = 1 - 1 / Math.max(1, window);
  let sum = 0;
  let weight = 0;
  return points.map(([x, y]) => {
    sum = keep * sum + y;
    weight = keep * weight + 1;
    return [x, sum / weight] as const;
  });
}
