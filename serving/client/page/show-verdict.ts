/** @file A verdict on the page: decision, reason, and each label's score against its thresholds. */
import type { LabelVerdict, Policy, Rule, ValueVerdict, Verdict } from '../../../models/index.js';

export type Shown = {
  readonly verdict: Verdict;
  readonly milliseconds: number;
  readonly policy: Policy['labels'];
  /** Who answered, in words. */
  readonly readBy: string;
  /** Which words made it, in a sentence; empty: nobody asked. */
  readonly reasons?: string;
};

export const decisionWords: { readonly [D in Verdict['decision']]: string } = {
  publish: 'Publish',
  review: 'Hold for a person',
  block: 'Block',
};

export function showVerdict({ verdict, milliseconds, policy, readBy, reasons = '' }: Shown): void {
  const find = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
  const reason = reasonOf(verdict);
  find('empty').hidden = true;
  find('verdict').hidden = false;
  find('decision').dataset.decision = verdict.decision;
  find('decision').textContent = decisionWords[verdict.decision];
  find('reason').textContent = reason;
  find('truncated').hidden = verdict.truncated !== true;
  find('read-by').textContent = readBy;
  find('model-name').textContent = `${verdict.model} ${verdict.version}`;
  find('time').textContent = `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
  find('scores').replaceChildren(...('values' in verdict ? valueRows(verdict) : scoreRows(verdict, policy)));
  find('spoken').textContent = `${decisionWords[verdict.decision]}. ${reason}${reasons && ` ${reasons}`}`;
}

function reasonOf(verdict: Verdict): string {
  const { rule, observed } = verdict;
  const reads = 'values' in verdict ? readsValues(verdict) : readsLabels(verdict);
  const why = (reasons[rule.kind] as (rule: Rule, verdict: Verdict) => string)(rule, verdict);
  const watched =
    observed === undefined || observed === 'publish' ? '' : ` This policy only observes: it would be “${decisionWords[observed]}”.`;
  return `${reads}${why === '' ? '' : ` ${why}`}${watched}`;
}

const reasons: { readonly [K in Rule['kind']]: (rule: Extract<Rule, { kind: K }>, verdict: Verdict) => string } = {
  none: (_, { threshold }) => (threshold === null ? '' : 'Nothing reaches a threshold that would hold it.'),
  threshold: ({ label, threshold }, verdict) => {
    const at = 'values' in verdict ? number(threshold) : share(threshold);
    return `“${label}” is at or above the ${verdict.observed ?? verdict.decision} threshold of ${at}.`;
  },
  word: ({ list, word }) => `“${word}” is on the list “${list}”.`,
  allowed: ({ list, word, label }) => `“${label}” would hold it, but “${word}” is on the list “${list}”.`,
};

/** One answer, or in multi-label all that are given. */
function readsLabels({ label, labels = [label], scores }: LabelVerdict): string {
  if (labels.length === 0) return `No label reaches its threshold; nearest is “${label}” (${percent(scores[label]!)}).`;
  return `It reads as ${labels.map((one) => `“${one}” (${percent(scores[one]!)})`).join(', ')}.`;
}

function readsValues({ values }: ValueVerdict): string {
  const named = Object.entries(values).map(([name, value]) => `${name} ${number(value)}`);
  return `It reads as ${named.join(', ')}.`;
}

function scoreRows({ label, labels = [label], scores }: LabelVerdict, policy: Policy['labels']): HTMLElement[] {
  const ordered = Object.entries(scores).sort(([, a], [, b]) => b - a);
  return ordered.map(([name, score]) => scoreRow(name, score, labels.includes(name), policy[name]));
}

/** Without a bar: what is much and what is little only the model's makers know. */
function valueRows({ values }: ValueVerdict): HTMLElement[] {
  return Object.entries(values).map(([name, value]) => {
    const row = document.createElement('div');
    row.append(element('div', 'score-line', element('span', '', name), element('b', '', number(value))));
    return row;
  });
}

function scoreRow(label: string, score: number, top: boolean, rule: Policy['labels'][string] | undefined): HTMLElement {
  const row = document.createElement('div');
  const line = element('div', 'score-line', element('span', '', label), element('b', '', percent(score)));
  const lines = [rule?.review, rule?.block].filter((value) => typeof value === 'number');
  const bar = element('div', 'score-bar');
  bar.setAttribute('aria-hidden', 'true');
  bar.append(drawBar(score, top, lines));
  row.append(line, bar);
  const held = [
    rule?.review != null ? `review from ${share(rule.review)}` : '',
    rule?.block != null ? `block from ${share(rule.block)}` : '',
  ];
  const words = held.filter(Boolean).join(', ');
  if (words) row.append(element('p', 'thresholds', words));
  return row;
}

/** Drawn as SVG because the page's policy allows no inline styles. */
function drawBar(score: number, top: boolean, thresholds: readonly number[]): SVGElement {
  const draw = (name: string, attributes: Readonly<Record<string, string>>): SVGElement => {
    const drawn = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) drawn.setAttribute(key, value);
    return drawn;
  };
  const svg = draw('svg', { viewBox: '0 0 100 1', preserveAspectRatio: 'none', focusable: 'false' });
  const width = String(100 * Math.min(1, Math.max(0, score)));
  svg.append(draw('rect', { x: '0', y: '0', width, height: '1', class: top ? 'top' : '' }));
  for (const at of thresholds) svg.append(draw('line', { x1: String(at * 100), x2: String(at * 100), y1: '-0.3', y2: '1.3' }));
  return svg;
}

function element(tag: string, className: string, ...content: readonly (string | Node)[]): HTMLElement {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

const number = (value: number): string => String(Number(value.toPrecision(4)));

function percent(share: number): string {
  const value = share * 100;
  return `${value > 99.9 && value < 100 ? '> 99.9' : value < 0.1 && value > 0 ? '< 0.1' : value.toFixed(1)} %`;
}

/** A threshold, without digits that say nothing. */
const share = (threshold: number): string => `${Number((threshold * 100).toFixed(1))} %`;
