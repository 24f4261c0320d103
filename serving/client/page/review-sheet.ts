/** @file A held text on the page: what it says, why it was held, what it could be. */
import type { ReviewItem } from '../../protocol/index.js';
import { element } from './element.js';

const find = <E extends HTMLElement = HTMLElement>(id: string): E => document.getElementById(id) as E;

export function showItem(item: ReviewItem): void {
  find('text').textContent = item.text;
  find('text').lang = item.language ?? '';
  find('pair-part').hidden = item.pair === undefined;
  find('pair').textContent = item.pair ?? '';
  find('rule').textContent = reasonOf(item);
  find('facts').replaceChildren(...factsOf(item).map(fact));
  const several = item.labels !== undefined;
  const chosen = item.labels ?? [item.label];
  const named = item.label === undefined ? [] : Object.entries(item.scores).sort(([, a], [, b]) => b - a);
  const choices = named.map(([label, score], i) =>
    choice({ label, score, several, checked: chosen.includes(label), key: i < 9 ? String(i + 1) : '' }),
  );
  find('labels').replaceChildren(find('labels').querySelector('legend')!, ...choices);
  find('labels').hidden = named.length === 0;
  find<HTMLInputElement>('note').value = '';
}

/** What the reviewer says that it is; nothing where the model gives values. */
export function chosenLabels({ label, labels }: ReviewItem): { readonly label?: string; readonly labels?: string[] } {
  if (label === undefined) return {};
  const checked = [...find('labels').querySelectorAll<HTMLInputElement>('input:checked')].map(({ value }) => value);
  if (labels) return { labels: checked };
  return checked[0] === undefined ? {} : { label: checked[0] };
}

/** @param number from 1 */
export function toggleLabel(number: number): void {
  find('labels').querySelectorAll<HTMLInputElement>('input')[number - 1]?.click();
}

type Choice = {
  readonly label: string;
  readonly score: number;
  readonly several: boolean;
  readonly checked: boolean;
  readonly key: string;
};

function choice({ label, score, several, checked, key }: Choice): HTMLElement {
  const made = element('label', '', 'choice');
  const input = element('input');
  Object.assign(input, { type: several ? 'checkbox' : 'radio', name: 'label', value: label, checked });
  const bar = element('progress');
  Object.assign(bar, { max: 1, value: Math.min(1, Math.max(0, score)) });
  bar.setAttribute('aria-hidden', 'true');
  made.append(input, element('span', label), element('span', percent(score), 'score'), key === '' ? '' : element('kbd', key), bar);
  return made;
}

function reasonOf({ rule, decision, scores }: ReviewItem): string {
  const held = decision === 'block' ? 'Blocked' : 'Held';
  if (rule.kind === 'word') return `${held} for “${rule.word}”, on the list “${rule.list}”.`;
  if (rule.kind === 'none') return `${held}.`;
  const score = scores[rule.label];
  return `${held}: “${rule.label}”${score === undefined ? '' : ` at ${number(score)}`} reaches the threshold of ${number(rule.threshold)}.`;
}

function factsOf({ model, client, ref, language, created, seen, policy, label, scores }: ReviewItem): [string, string | undefined][] {
  const values = label === undefined ? Object.entries(scores).map(([name, value]) => `${name} ${number(value)}`) : [];
  return [
    ['Came', new Date(created).toLocaleString()],
    ['Seen', seen > 1 ? `${seen} times` : undefined],
    ['Values', values.join(', ') || undefined],
    ['From', client],
    ['Their id', ref],
    ['Language', language],
    ['Model', model.replace('@', ' ')],
    ['Policy', policy],
  ];
}

function fact([name, value]: readonly [string, string | undefined]): HTMLElement | string {
  if (value === undefined) return '';
  const made = element('div');
  made.append(element('dt', name), element('dd', value));
  return made;
}

const percent = (score: number): string => `${(score * 100).toFixed(score < 0.1 ? 1 : 0)} %`;
const number = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 3 });
