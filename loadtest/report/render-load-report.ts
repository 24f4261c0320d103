/** @file The page of one run: what was asked, what came back, what held, and on which machine. */
import { type Html, html, page, table } from '../../training/report/index.js';
import type { RunRecord } from '../run-record.js';
import { courseFigures } from './course-figures.js';

export function renderLoadReport(run: RunRecord): string {
  const { name, summary, passed, totals, capacity, latency, seconds, notes, machine } = run;
  const refused = totals.refused429 + totals.refused503;
  return page(
    `Load test: ${name}`,
    html`
<h1>Load test: ${name}</h1>
<p class="muted">${run.date.slice(0, 16).replace('T', ' ')} UTC: ${summary}.</p>
<p class="verdict ${passed ? 'good' : 'bad'}">${verdict(run)}</p>
${machine.load > 0.3 * machine.cores ? html`<p>The machine had other work when the run began (load ${machine.load} on ${machine.cores} cores): go by the shares, not by the times.</p>` : null}
${notes.map((note) => html`<p class="bad">${note}</p>`)}
<div class="cards">
${card('requests', totals.asked)}
${card('answered', totals.answered)}
${card('refused (429, 503)', `${totals.refused429} + ${totals.refused503}`)}
${card('failed', totals.failed)}
${card('answered a second', number(totals.answered / seconds))}
${capacity ? card('capacity, a second', capacity.after === null ? number(capacity.before) : `${number(capacity.before)} … ${number(capacity.after)}`) : null}
${latency ? card('p50 / p99, ms', `${number(latency.p50)} / ${number(latency.p99)}`) : null}
${card('not sent by k6', totals.dropped)}
</div>
<p class="muted">${number(seconds)} s. ${refused > 0 ? `${number((100 * refused) / totals.asked)} % were refused.` : 'Nothing was refused.'}
${capacity ? `Capacity: what 32 clients got who ask again at once, with the same kind of texts, just before${capacity.after === null ? '' : ', and just after'}.` : ''}</p>
<h2>What must hold</h2>
${thresholds(run)}
<h2>Course</h2>
${courseFigures(run)}
${memory(run)}
<h2>Run</h2>
${table(['', ''], facts(run))}
`,
  );
}

const card = (what: string, value: string | number): Html => html`<div class="card"><b>${value}</b>${what}</div>`;

function verdict({ passed, totals, thresholds: all }: RunRecord): string {
  if (totals.dropped > 0) return 'The run does not count: k6 itself could not keep up.';
  const broken = all.filter(({ ok }) => !ok).length;
  return passed ? 'Everything held.' : `${broken} of ${all.length} thresholds did not hold.`;
}

function thresholds({ thresholds: all }: RunRecord): Html {
  const rows = all.map(({ metric, rule, value, ok }) => [
    metric,
    rule,
    value === null ? '–' : number(value),
    ok ? html`<span class="good">held</span>` : html`<span class="bad">did not hold</span>`,
  ]);
  return table(['of', 'rule', 'was', ''], rows);
}

function memory({ memory: trends, reloads }: RunRecord): Html | null {
  if (trends.length === 0) return null;
  const rows = trends.map(({ what, perHour, from, to }) => [
    what,
    number(perHour.slope),
    `${number(perHour.low)} to ${number(perHour.high)}`,
    `${number(from)} → ${number(to)}`,
  ]);
  return html`<h2>Memory</h2>
<p>A line through the medians of up to 30 blocks of the last three quarters; an interval that holds 0 shows no growth.${reloads > 0 ? ` ${reloads} reloads in the run.` : ''}</p>
${table(['', 'MB an hour', '95 % interval', 'MB, from and to'], rows, 1)}`;
}

function facts({ command, server, machine, date }: RunRecord): readonly (readonly [string, string])[] {
  return [
    ['command', command],
    ['server', server],
    ['began', date],
    ['processor', `${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GiB`],
    ['system', machine.system],
    ['Node', machine.node],
    ...(machine.k6 ? ([['k6', machine.k6]] as const) : []),
    ['load before', String(machine.load)],
  ];
}

/** Three digits that count, or all before the point. */
export function number(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
