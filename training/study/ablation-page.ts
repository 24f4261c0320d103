/** @file `ablation.html`: what each trick is worth, and what it costs. */
import { metricDirections, metricTitles } from '../metrics/metric-names.js';
import { html } from '../report/html.js';
import { page } from '../report/page.js';
import { figure, table } from '../report/parts.js';
import type { AblationResult, AblationRow } from './ablation-result.js';
import { intervalChart } from './interval-chart.js';
import type { AblationMode } from './plan-ablation.js';
import { judgement, signed, verdictOf } from './sentence.js';

const colors = { '1': 'good', '0': 'muted', '-1': 'bad' } as const;

const modes: { readonly [M in AblationMode]: { readonly what: string; readonly variant: string } } = {
  remove: { what: 'each trick of the config turned off by itself', variant: 'without' },
  add: { what: 'each trick turned on by itself', variant: 'with' },
};

export function ablationPage(result: AblationResult): string {
  const { name, mode, metric, seeds, texts, base, rows, failed } = result;
  const title = metricTitles[metric];
  const sorted = [...rows].sort((a, b) => b.worth.difference - a.worth.difference);
  const range = base.figure && base.figure.runs > 1 ? ` (${number(base.figure.min)} to ${number(base.figure.max)})` : '';
  const seedsSaid = seeds.length > 1 ? 'the texts and the seeds' : 'the texts; what another seed would give is not in them';
  return page(
    `${name} – ablation`,
    html`<h1>${name}</h1>
<p class="muted">Ablation: ${modes[mode].what}, ${seeds.length} ${seeds.length === 1 ? 'seed' : 'seeds'}, ${texts} texts of val. ${title} of ${base.name}: ${number(base.figure?.mean ?? null)}${range}.</p>
${failed.map((run) => html`<p class="bad">${run.name} failed: ${run.message}</p>`)}
${
  sorted.length === 0
    ? null
    : html`<h2>What each trick is worth</h2>${figure(
        `Difference of ${title}`,
        `${title}, with the trick less without it, with 95 % intervals over ${seedsSaid}.${metricDirections[metric] < 0 ? ' Lower is better.' : ''} Of twenty tricks that do nothing, one is outside by chance.`,
        intervalChart({
          label: `Worth of each trick in ${title}`,
          axis: `difference of ${title}`,
          line: 0,
          rows: sorted.map(({ key, worth: { difference, low, high }, worth }) => ({
            name: key,
            value: difference,
            low,
            high,
            color: colors[verdictOf(worth, metric)],
          })),
          format: (value) => signed(value, metric),
        }),
      )}`
}
<h2>Tricks</h2>
${table(
  ['trick', 'what it does', `${title} ${modes[mode].variant} it`, 'worth', '95 % interval', 'p', 'so it', 'time a text'],
  sorted.map((row) => cellsOf(row, metric)),
  2,
)}
<p class="muted">p: twice the share of draws in which the worth has the other sign. Time: of training, with the trick over without it.</p>`,
  );
}

const cellsOf = ({ key, what, figure: of, worth, cost }: AblationRow, metric: AblationResult['metric']): string[] => [
  key,
  what,
  number(of?.mean ?? null),
  signed(worth.difference, metric),
  `${signed(worth.low, metric)} to ${signed(worth.high, metric)}`,
  worth.p < 0.001 ? '< .001' : worth.p.toFixed(3).replace(/^0/, ''),
  judgement(worth, metric),
  cost === null ? '–' : `× ${cost.toFixed(2)}`,
];

const number = (value: number | null): string => (value === null ? '–' : value.toFixed(4));
