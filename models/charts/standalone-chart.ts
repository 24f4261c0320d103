import { colors } from './colors.js';
import { type Chart, drawChart } from './draw-chart.js';

/** A drawing as a file of its own: its colours and its paper in it, in light and in dark, and its label as the title. */
export function standaloneChart({ label, ...drawn }: Chart): string {
  const title = label.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const inside = `<style>${colors}svg { background: var(--paper); }</style><title>${title}</title>`;
  return `${drawChart(drawn).replace('>', () => `>${inside}`)}\n`;
}
