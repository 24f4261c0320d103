/** @file The table on the page: sorted by any column, the first rows of it. */
import { element } from '../element.js';
import { find } from '../find.js';
import { decisionWords } from '../show-verdict.js';
import { type Cells, cellsOf, type RowResult } from './write-table.js';

/** More rows at once make pages slow, and are not read; the download has them all. */
const most = 200;

type SortKey = 'row' | 'text' | 'decision' | 'label' | 'score';
type Line = Cells & { readonly row: number; readonly text: string };

const columns: { readonly [K in SortKey]: { readonly title: string; readonly compare: (a: Line, b: Line) => number } } = {
  row: { title: 'Row', compare: (a, b) => a.row - b.row },
  text: { title: 'Text', compare: (a, b) => order(a.text, b.text) },
  decision: { title: 'Verdict', compare: (a, b) => severity(a.decision) - severity(b.decision) },
  label: { title: 'Label', compare: (a, b) => order(a.label, b.label) },
  score: { title: 'Score', compare: (a, b) => (a.score ?? Infinity) - (b.score ?? Infinity) },
};
const { compare: order } = new Intl.Collator();
const severity = (decision: string): number => ['block', 'review', 'publish'].indexOf(decision) >>> 0;

/** @param firstRow what the first text's row is called in the file */
export function showTable(texts: readonly string[], results: readonly RowResult[], firstRow: number): void {
  const lines = texts.map((text, i): Line => ({ ...cellsOf(results[i]), row: i + firstRow, text }));
  let [key, descending]: [SortKey, boolean] = ['row', false];

  function show(): void {
    const { compare } = columns[key];
    const sorted = lines.toSorted((a, b) => (descending ? -1 : 1) * compare(a, b) || a.row - b.row);
    find('result-head').replaceChildren(...(Object.keys(columns) as SortKey[]).map(headOf));
    find('result-rows').replaceChildren(...sorted.slice(0, most).map(rowOf));
    const by = `sorted by ${columns[key].title.toLowerCase()}${descending ? ', backwards' : ''}`;
    find('result-says').textContent =
      lines.length > most
        ? `The first ${most} of ${count(lines.length)}, ${by}. The files to download have them all.`
        : `${count(lines.length)} rows, ${by}.`;
  }

  function headOf(one: SortKey): HTMLElement {
    const head = element('th', '', 'column-head');
    head.scope = 'col';
    const button = element('button', columns[one].title, 'sort');
    button.type = 'button';
    head.ariaSort = one === key ? (descending ? 'descending' : 'ascending') : 'none';
    button.addEventListener('click', () => {
      [key, descending] = [one, one === key && !descending];
      show();
      find('result-head').querySelectorAll('button')[(Object.keys(columns) as SortKey[]).indexOf(one)]?.focus();
    });
    head.append(button);
    return head;
  }

  find('result-table').tabIndex = 0; // a box that scrolls is to be scrolled by keyboard too
  show();
}

function rowOf({ row, text, decision, label, score, error }: Line): HTMLElement {
  const line = element('tr');
  const head = element('th', String(row));
  head.scope = 'row';
  const words = element('td', '', 'cell-text');
  words.dir = 'auto';
  words.append(element('span', text.length > longest ? `${text.slice(0, longest)}…` : text));
  const verdict = element(
    'td',
    decision === '' ? error || 'Not read' : decisionWords[decision as keyof typeof decisionWords],
    'cell-verdict',
  );
  if (decision !== '') verdict.dataset.decision = decision;
  line.append(
    head,
    words,
    verdict,
    element('td', label),
    element('td', score === undefined ? '' : String(Number(score.toPrecision(3))), 'cell-score'),
  );
  return line;
}

/** Characters of a text that are shown. */
const longest = 300;

export const count = (value: number): string => value.toLocaleString('en');
