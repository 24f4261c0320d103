/** @file The parts of the page about what a model could lean on: names, single words, how a text looks, time. */
import { chart } from '../report/charts.js';
import { type Html, html } from '../report/html.js';
import { decimal, figure, table } from '../report/parts.js';
import type { Audit } from './audit-data.js';
import { bar } from './bars.js';
import { perturbations } from './entity-flips.js';
import type { EntityRate, Rate } from './entity-rates.js';
import { dayOf } from './label-rates.js';
import { sayRule } from './shortcuts.js';
import { sayToken } from './token-counts.js';

const mostRows = 25;

export function entitySection({ entities }: Audit): Html | null {
  const { source, biased, looked, tested, texts, middle, entities: names } = entities;
  if (source === 'none') return null;
  const halves = (rate: Rate | null) => (rate ? bar({ value: rate.rate, low: rate.low, high: rate.high, color: 3, text: `${rate.count} of ${rate.texts}` }) : '–'); // biome-ignore format: short
  const row = (one: EntityRate) => [
    one.entity,
    one.label,
    bar({ value: one.count / one.texts, ...one.interval, usual: one.usual, text: `${one.count} of ${one.texts}` }),
    decimal(one.smoothed),
    one.p < 0.001 ? one.p.toExponential(0) : decimal(one.p),
    ...(middle === null ? [] : [halves(one.earlier), halves(one.later)]),
  ];
  const timeHead = middle === null ? [] : [`before ${dayOf(middle)}`, 'from then on'];
  const head = ['name', 'label', 'rate (line: usual)', 'smoothed', 'p, corrected', ...timeHead];
  return html`<h2>Names</h2>
<p>${names} different names, ${source === 'given' ? 'as the data give them' : `found in ${looked} texts`}; ${texts} texts have one; ${tested} names are in enough texts to be tested.</p>
${biased.length === 0 ? html`<p>No name goes with a label more than by chance and by at least 20 points.</p>` : table(head, biased.slice(0, mostRows).map(row))}
${movedPart(entities)}`;
}

function movedPart({ moved, middle }: Audit['entities']): Html | null {
  if (moved.length === 0 || middle === null) return null;
  const points = moved.map(({ earlier, later }) => [earlier!.rate, later!.rate] as const);
  const series = [
    { name: 'as before', style: 'dashed' as const, color: 5, points: [[0, 0], [1, 1]] as const }, // biome-ignore format: a line
    // A line drawn from each name to where it would have stayed.
    ...points.map((point, i) => ({ name: moved[i]!.entity, color: 0, dots: true, style: 'faint' as const, points: [[point[0], point[0]], point] as const })), // biome-ignore format: short
  ];
  return html`<div class="charts">${figure('What names stand for, before and after', `Share of a label among the texts with a name, before ${dayOf(middle)} and from then on; a name on the dashed line has not changed.`, chart({ label: 'Rates of names before and after', x: 'before', y: 'after', series, xRange: [0, 1], yRange: [0, 1] }))}</div>`;
}

export function shortcutSection({ shortcuts }: Audit): Html | null {
  const { measuredOn, majority, tfIdf, rules, tokens } = shortcuts;
  if (measuredOn === null && tokens.length === 0) return null;
  const yardsticks = [
    ...(tfIdf ? [[html`<b>word counts with a linear classifier</b>`, bar({ value: tfIdf.macroF1, color: 2, text: decimal(tfIdf.macroF1) }), decimal(tfIdf.accuracy)]] : []), // biome-ignore format: short
    ...(majority ? [[html`<b>always “${majority.label}”</b>`, bar({ value: majority.macroF1, color: 5, text: decimal(majority.macroF1) }), decimal(majority.accuracy)]] : []), // biome-ignore format: short
  ];
  const ruleRows = rules.map((rule) => [sayRule(rule), bar({ value: rule.macroF1, text: decimal(rule.macroF1) }), decimal(rule.accuracy)]);
  const tokenRows = tokens
    .slice(0, mostRows)
    .map(({ token, label, texts, count, precision, interval, recall }) => [
      sayToken(token),
      label,
      bar({ value: precision, ...interval, text: `${count} of ${texts}` }),
      bar({ value: recall, color: 1 }),
    ]);
  return html`<h2>Shortcuts to the label</h2>
${measuredOn === null ? null : html`<p>One question each, learned from the first split and measured on ${measuredOn}.</p>${table(['rule', 'macro F1', 'accuracy'], [...yardsticks, ...ruleRows])}`}
${tokens.length === 0 ? html`<p>No word is nearly always with one label.</p>` : html`<h3>Words that are nearly always with one label</h3><p class="muted">In 1 % of the texts or more; ^ is the first word of a text, $ the last.</p>${table(['word', 'label', 'of the texts that have it', 'of the texts with the label'], tokenRows)}`}`;
}

export function temporalSection({ temporal }: Audit): Html | null {
  if (!temporal) return null;
  const { learned, judged, cut, random, majorityTemporal, majorityRandom } = temporal;
  const row = (name: string, { macroF1, accuracy }: { macroF1: number; accuracy: number }, most: number, color: number) => [
    name,
    bar({ value: macroF1, usual: most, color, text: decimal(macroF1) }),
    decimal(accuracy),
  ];
  return html`<h2>A random split against one by time</h2>
<p>Word counts with a linear classifier, learning from ${learned} texts and judged on ${judged}: drawn at random, and by time (what is written from ${dayOf(cut)} on is judged). The line is what always the most frequent label gives.</p>
${table(['split', 'macro F1', 'accuracy'], [row('random: what it promises', random, majorityRandom.macroF1, 1), row('by time: what a released model meets', temporal.temporal, majorityTemporal.macroF1, 0)])}`;
}

export function modelSection({ model }: Audit): Html | null {
  if (!model) return null;
  const cells = (slice: typeof model.all) => perturbations.map((kind, color) => bar({ value: slice[kind].rate, low: slice[kind].low, high: slice[kind].high, color })); // biome-ignore format: short
  const change = (slice: typeof model.all) => `${decimal(slice.masked.change)} / ${decimal(slice.swapped.change)}`;
  const rows = [
    [html`<b>all</b>`, String(model.texts), ...cells(model.all), change(model.all)],
    ...model.slices.map((slice) => [`${slice.by}: ${slice.name}`, String(slice.masked.texts), ...cells(slice), change(slice)]),
  ];
  return html`<h2>What ${model.name} answers when names change</h2>
<p>Share of ${model.texts} texts of ${model.split} (of ${model.of}; those that hold a name) whose label changes when every name is masked, when another name of the data is put in its place, and, for comparison, when as many other words are masked. Lines: 95 %.</p>
${table(['texts', '', 'names masked', 'names swapped', 'other words masked', 'change of score (masked / swapped)'], rows)}`;
}
