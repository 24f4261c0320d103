/** @file Shares as bars: a row's figure that can be seen. */
import { type Html, html } from '../report/html.js';
import { percent } from '../report/parts.js';

export type Bar = {
  /** In 0..1. */
  readonly value: number;
  /** An interval around it. */
  readonly low?: number;
  readonly high?: number;
  /** What is usual, as a line. */
  readonly usual?: number;
  /** Of the bar: 0 to 7. */
  readonly color?: number;
  /** What stands beside it; default the value in per cent. */
  readonly text?: string;
};

export function bar({ value, low, high, usual, color = 0, text = percent(value) }: Bar): Html {
  const at = (share: number) => `${(100 * Math.min(1, Math.max(0, share))).toFixed(1)}%`;
  const interval =
    low === undefined || high === undefined ? null : html`<i class="interval" style="left: ${at(low)}; width: ${at(high - low)}"></i>`;
  const line = usual === undefined ? null : html`<i class="usual" style="left: ${at(usual)}"></i>`;
  const fill = html`<i class="fill" style="width: ${at(value)}; background: var(--series-${color % 8})"></i>`;
  return html`<div class="bar"><span class="track">${fill}${interval}${line}</span><span>${text}</span></div>`;
}

export const barStyle = `
.bar { display: flex; align-items: center; gap: .6rem; min-width: 14rem; font-variant-numeric: tabular-nums; }
.bar .track { position: relative; flex: 1; height: .8rem; background: var(--line); border-radius: .2rem; min-width: 7rem; }
.bar .track + span { min-width: 4rem; text-align: right; }
.bar i { position: absolute; top: 0; bottom: 0; }
.bar .fill { left: 0; border-radius: .2rem; opacity: .85; }
.bar .interval { top: 40%; bottom: 40%; background: var(--ink); }
.bar .usual { width: 2px; top: -2px; bottom: -2px; background: var(--bad); }
`;
