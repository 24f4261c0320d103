/** @file Why, on the page: the text with its words marked by their weights, and the same in words. */
import type { Explanation, Span, Unexplained } from '../../protocol/index.js';
import type { Answer } from '../asking/index.js';
import { element } from './element.js';

export type Explainable = {
  readonly answer: Answer;
  readonly text: string;
  readonly pair?: string;
};

const excuses: { readonly [U in Unexplained]: string } = {
  time: 'There was no time left to find out which words made this verdict. Ask again.',
  busy: 'The server has too much to do to find out which words made this verdict. Ask again in a while.',
  failed: 'The model failed on a part of the story, so which words made this verdict is not known.',
  off: 'This server does not tell which words made a verdict. This browser can.',
};

/** @returns what a screen reader is told beside the verdict */
export function showExplanation({ answer: { explanation: known, unexplained }, text, pair = '' }: Explainable): string {
  const find = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
  find('explanation').hidden = known === undefined && unexplained === undefined;
  for (const id of ['weighed', 'legend', 'weights']) find(id).hidden = known === undefined;
  if (!known) {
    find('why-heading').textContent = 'Why';
    return unexplained === undefined ? '' : say(excuses[unexplained]);
  }
  const texts = { text, pair };
  find('why-heading').textContent = `Why “${known.label}”`;
  const shown = (['text', 'pair'] as const).filter((of) => of === 'text' || known.spans.some((span) => span.of === of));
  find('weighed').replaceChildren(...shown.map((of) => weighedText(texts[of], of, known)));
  // A box that scrolls is to be scrolled by keyboard too.
  if (find('weighed').scrollHeight > find('weighed').clientHeight) find('weighed').tabIndex = 0;
  else find('weighed').removeAttribute('tabindex');
  find('weight-rows').replaceChildren(...known.spans.map((span) => weightRow(texts[span.of], span, known)));
  return say(summary(texts, known));

  function say(words: string): string {
    find('why-says').textContent = words;
    return words;
  }
}

/** Text is only ever set as text. What is in no span stays as it is. */
function weighedText(text: string, of: Span['of'], known: Explanation): HTMLElement {
  const block = element('p', '', 'weighed-text');
  block.dir = 'auto';
  const most = Math.max(...known.spans.map(({ weight }) => Math.abs(weight)), least[known.unit]);
  let at = 0;
  for (const span of known.spans.filter((one) => one.of === of)) {
    block.append(text.slice(at, span.start));
    const strength = Math.min(3, Math.floor((3.6 * Math.abs(span.weight)) / most + 0.4));
    const marked = element('span', text.slice(span.start, span.end), strength > 0 ? `${sideOf(span)}-${strength}` : '');
    marked.title = `${strength > 0 ? `${sides[sideOf(span)]} “${known.label}”` : 'Hardly matters'}: ${withAndWithout(span, known)}`;
    block.append(marked);
    at = span.end;
  }
  block.append(text.slice(at));
  return block;
}

/** Weights below a tenth of this are not marked, whatever the others are. */
const least: { readonly [U in Explanation['unit']]: number } = { 'log-odds': 0.3, value: 0 };

const sides = { for: 'Speaks for', against: 'Speaks against' } as const;
const sideOf = ({ weight }: Span): keyof typeof sides => (weight < 0 ? 'against' : 'for');

/** The strongest few of each side. */
function summary(texts: Readonly<Record<Span['of'], string>>, known: Explanation): string {
  const named = (side: keyof typeof sides, most: number): string => {
    const strongest = known.spans
      .filter((span) => sideOf(span) === side && Math.abs(span.weight) >= least[known.unit] / 5 && span.weight !== 0)
      .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
      .slice(0, most);
    const words = strongest.map((span) => `“${isolated(short(texts[span.of].slice(span.start, span.end)))}”`);
    return words.length === 0 ? '' : `${sides[side]} it: ${words.join(', ')}.`;
  };
  return [named('for', 5), named('against', 3)].filter(Boolean).join(' ') || 'No single word makes much of a difference.';
}

function weightRow(text: string, span: Span, known: Explanation): HTMLElement {
  const row = element('tr');
  const words = element('th', short(text.slice(span.start, span.end)));
  words.scope = 'row';
  words.dir = 'auto';
  row.append(words, element('td', span.weight === 0 ? 'Nothing' : sides[sideOf(span)]), element('td', withAndWithout(span, known)));
  return row;
}

function withAndWithout({ weight }: Span, known: Explanation): string {
  const shown = amounts[known.unit];
  return comparisons[known.method](shown(known.whole), shown(known.whole - weight));
}

/** What is left of a score: the model's own answer to the text without the word, or what the other words add up to. */
const comparisons: { readonly [M in Explanation['method']]: (whole: string, rest: string) => string } = {
  occlusion: (whole, rest) => `${whole} with it, ${rest} without`,
  'integrated-gradients': (whole, rest) => `${whole} in all, ${rest} without its share`,
};

const amounts: { readonly [U in Explanation['unit']]: (value: number) => string } = {
  'log-odds': (logOdds) => `${(100 / (1 + Math.exp(-logOdds))).toFixed(1)} %`,
  value: (value) => String(Number(value.toPrecision(4))),
};

/** A word of another direction must not turn the sentence around. */
const isolated = (words: string): string => `\u2068${words}\u2069`;

/** Passages by their beginning and end. */
function short(words: string): string {
  const signs = [...words];
  return signs.length <= 48 ? words : `${signs.slice(0, 30).join('')} … ${signs.slice(-12).join('')}`;
}
