/** @file The element's inside: a mark, a decision, a reason. Shapes and words say what colour says. */
import type { Decision } from '../../../models/index.js';
import type { Answer } from '../asking/index.js';
import { copyDeskStyle } from './copy-desk-style.js';
import type { Words } from './words.js';

export type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'loading'; readonly percent: number }
  | { readonly kind: 'reading' }
  | { readonly kind: 'verdict'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly message: string };

/** On a field of 16 by 16: a tick, a hand's pause, a bar. */
const marks: { readonly [D in Decision]: string } = {
  publish: 'M2 8.5 L6.5 13 L14 4',
  review: 'M8 1.5 A6.5 6.5 0 1 1 7.99 1.5 M6 5.5 V10.5 M10 5.5 V10.5',
  block: 'M8 1.5 A6.5 6.5 0 1 1 7.99 1.5 M4.5 8 H11.5',
};

/** @returns shows a state in `root`, which is the element's own */
export function createView(root: ShadowRoot): (state: State, words: Words) => void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(copyDeskStyle);
  root.adoptedStyleSheets = [sheet];
  const mark = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  for (const [name, value] of Object.entries({ viewBox: '0 0 16 16', class: 'mark', 'aria-hidden': 'true', part: 'mark' })) mark.setAttribute(name, value); // biome-ignore format: one line
  mark.append(path);
  const decision = made('span', 'decision');
  const reason = made('span', 'reason');
  const said = made('span', 'said');
  said.append(decision, ' ', reason);
  const box = made('div', 'box');
  box.dataset.state = 'idle';
  // Said aloud when the writer pauses, and only what is settled: progress and reading are for the eyes.
  const heard = made('div', 'heard');
  heard.setAttribute('role', 'status');
  heard.setAttribute('aria-live', 'polite');
  heard.setAttribute('aria-atomic', 'true');
  heard.append(box);
  box.append(mark, said);
  root.append(heard);
  return (state, words) => {
    const shown = show[state.kind] as (state: State, words: Words) => Shown;
    const { decided, strong, weak } = shown(state, words);
    box.dataset.state = state.kind;
    if (decided) box.dataset.decision = decided;
    else delete box.dataset.decision;
    mark.style.display = decided ? '' : 'none';
    path.setAttribute('d', decided ? marks[decided] : '');
    heard.setAttribute('aria-busy', String(state.kind === 'loading' || state.kind === 'reading'));
    setText(decision, strong);
    setText(reason, weak);
  };
}

type Shown = { readonly decided?: Decision; readonly strong: string; readonly weak: string };

const show: { readonly [K in State['kind']]: (state: Extract<State, { kind: K }>, words: Words) => Shown } = {
  idle: () => ({ strong: '', weak: '' }),
  loading: ({ percent }, { loading }) => ({ strong: '', weak: loading(percent) }),
  reading: (_, { reading }) => ({ strong: '', weak: reading }),
  verdict: ({ answer }, words) => ({ decided: answer.decision, strong: words.decisions[answer.decision], weak: reasonOf(answer, words) }),
  failed: ({ message }, { failed }) => ({ strong: failed, weak: message }),
};

function reasonOf(answer: Answer, words: Words): string {
  if ('values' in answer) {
    const all = Object.entries(answer.values).map(([name, value]) => words.value(name, String(Number(value.toPrecision(3)))));
    return all.join(', ');
  }
  const label = answer.decidedBy ?? answer.label;
  const percent = 100 * (answer.scores[label] ?? answer.score);
  return words.reason(label, `${percent > 99.5 && percent < 100 ? '> 99' : Math.round(percent)} %`);
}

/** The label that a message names. */
export const namedLabel = (answer: Answer): string => answer.decidedBy ?? ('label' in answer ? answer.label : '');

/** What has not changed is not said again. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function made(name: 'div' | 'span', part: string): HTMLElement {
  const element = document.createElement(name);
  element.className = part;
  element.setAttribute('part', part);
  return element;
}
