/** @file A file of texts: chosen or dropped, its column named, read, shown and given back with its verdicts. */
import type { ModelInfo } from '../../../protocol/index.js';
import { element } from '../element.js';
import { find } from '../find.js';
import type { Reader } from '../routes.js';
import { classifyRows } from './classify-rows.js';
import { cellText, guessTextColumn, looksLikeHeader, type Sheet, type Table, tableOf } from './sheet.js';
import { count, showTable } from './show-table.js';
import { type RowResult, toCsv, toJsonLines } from './write-table.js';

export type TableFormParts = {
  /** What reads the texts: as it is chosen on the page. @throws CopydeskError */
  readonly open: () => Promise<Reader>;
  readonly current: () => ModelInfo | undefined;
  readonly inWords: (error: unknown) => string;
};

export function createTableForm({ open, current, inWords }: TableFormParts): { showFields(): void } {
  const input = find<HTMLInputElement>('texts');
  const header = find<HTMLInputElement>('file-header');
  const column = find<HTMLSelectElement>('file-column');
  const pairColumn = find<HTMLSelectElement>('file-pair');
  let sheet: Sheet | undefined;
  let table: Table = { columns: [], rows: [] };
  let fileName = '';
  let results: readonly RowResult[] = [];
  let running: AbortController | undefined;

  async function take(file: File): Promise<void> {
    running?.abort();
    const { signal } = begin('Opening the file', file.size);
    fileName = file.name;
    try {
      // Only those who open a file fetch what reads it.
      const { readSheet } = await import('./read-sheet.js');
      sheet = await readSheet(file, { signal, onProgress: progress });
      if (sheet.rows.length === 0) throw new Error(`${file.name} holds no rows that can be read.`);
      header.checked = sheet.columns === undefined && looksLikeHeader(sheet.rows);
      find('file-header-field').hidden = sheet.columns !== undefined;
      showColumns();
      find('file-form').hidden = false;
    } catch (error) {
      sheet = undefined;
      problem(signal.aborted ? '' : inWords(error));
    } finally {
      end();
    }
  }

  function showColumns(): void {
    if (!sheet) return;
    table = tableOf(sheet, header.checked);
    const options = (): HTMLOptionElement[] => table.columns.map((one, i) => new Option(one, String(i)));
    column.replaceChildren(...options());
    column.value = String(guessTextColumn(table));
    pairColumn.replaceChildren(...options());
    pairColumn.selectedIndex = Math.min(table.columns.length - 1, column.selectedIndex + 1);
    find('file-says').textContent = [
      `${fileName}: ${count(table.rows.length)} row${table.rows.length === 1 ? '' : 's'}.`,
      sheet.cut ? 'The file has more; they are left out.' : '',
      sheet.bad > 0 ? `${count(sheet.bad)} ${sheet.bad === 1 ? 'row could not be read and is' : 'rows could not be read and are'} left out.` : '',
      sheet.garbled ? 'Some of its signs are not UTF-8: save it as UTF-8 if words look wrong.' : '',
    ].filter(Boolean).join(' '); // biome-ignore format: one idea
    showSample();
    showFields();
  }

  function showSample(): void {
    const sample = table.rows.map((row) => cellText(row[Number(column.value)]).trim()).find((text) => text !== '') ?? '';
    find('file-sample').textContent =
      sample === '' ? 'This column is empty.' : `It begins with “${sample.slice(0, 120)}${sample.length > 120 ? '…' : ''}”`;
  }

  function showFields(): void {
    find('file-pair-field').hidden = current()?.input !== 'pair';
  }

  async function read(): Promise<void> {
    if (running || !sheet) return;
    const paired = current()?.input === 'pair';
    const items = table.rows.map((row) => ({
      text: cellText(row[Number(column.value)]),
      ...(paired ? { pair: cellText(row[Number(pairColumn.value)]) } : {}),
    }));
    const { signal } = begin('Reading', items.length);
    find('results').hidden = true;
    try {
      const reader = await open();
      signal.throwIfAborted();
      const done = await reader.use((classifier) => classifyRows(classifier, items, { signal, onProgress: progress }));
      results = done.results;
      const answered = results.filter((one) => one !== undefined).length;
      if (done.ended !== undefined && !signal.aborted) problem(inWords(done.ended));
      if (answered === 0 && done.ended !== undefined) return;
      showTable(items.map(({ text }) => text), results, header.checked && !sheet.columns ? 2 : 1); // biome-ignore format: one idea
      find('result-count').textContent =
        `${count(answered)} of ${count(items.length)} texts were read${signal.aborted ? ', then it was stopped' : ''}: ${tally(results)}.`;
      find('results').hidden = false;
    } catch (error) {
      if (!signal.aborted) problem(inWords(error));
    } finally {
      end();
    }
  }

  const stem = (): string => fileName.replace(/(\.(csv|tsv|tab|jsonl|ndjson|txt))?(\.gz)?$/i, '');

  function begin(words: string, most: number): AbortController {
    running = new AbortController();
    problem('');
    find('file-progress').hidden = false;
    find('file-doing').textContent = words;
    find<HTMLProgressElement>('file-bar').max = Math.max(1, most);
    progress(0);
    find('read-file').setAttribute('aria-disabled', 'true');
    return running;
  }
  function progress(done: number): void {
    const bar = find<HTMLProgressElement>('file-bar');
    bar.value = done;
    find('file-share').textContent = `${Math.floor((100 * done) / bar.max)} %`;
  }
  function end(): void {
    running = undefined;
    find('file-progress').hidden = true;
    find('read-file').removeAttribute('aria-disabled');
  }
  function problem(words: string): void {
    find('file-problem').hidden = words === '';
    find('file-problem').textContent = words;
  }

  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    if (file) void take(file);
  });
  // The same file may be chosen again.
  input.addEventListener('click', () => {
    input.value = '';
  });
  header.addEventListener('change', showColumns);
  column.addEventListener('change', showSample);
  find('file-form').addEventListener('submit', (event) => {
    event.preventDefault();
    void read();
  });
  find('file-cancel').addEventListener('click', () => running?.abort(new DOMException('It was stopped.', 'AbortError')));
  find('download-csv').addEventListener('click', () => save(toCsv(table, results), `${stem()}.verdicts.csv`, 'text/csv'));
  find('download-jsonl').addEventListener('click', () =>
    save(toJsonLines(table, results), `${stem()}.verdicts.jsonl`, 'application/x-ndjson'),
  );
  const drop = find('drop');
  for (const type of ['dragenter', 'dragover'] as const)
    drop.addEventListener(type, (event) => {
      event.preventDefault();
      drop.classList.add('over');
    });
  for (const type of ['dragleave', 'drop'] as const) drop.addEventListener(type, () => drop.classList.remove('over'));
  drop.addEventListener('drop', (event) => {
    event.preventDefault();
    const [file] = event.dataTransfer?.files ?? [];
    if (file) void take(file);
  });
  return { showFields };
}

/** How many of each verdict. */
function tally(results: readonly RowResult[]): string {
  const counts = { publish: 0, review: 0, block: 0, refused: 0 };
  for (const one of results) if (one) counts['decision' in one ? one.decision : 'refused'] += 1;
  const words = { publish: 'to publish', review: 'to hold for a person', block: 'to block', refused: 'refused' };
  const all = (Object.keys(counts) as (keyof typeof counts)[]).filter((key) => counts[key] > 0);
  return all.map((key) => `${count(counts[key])} ${words[key]}`).join(', ') || 'none';
}

/** Gives a file to the person. */
export function save(parts: readonly BlobPart[], name: string, type: string): void {
  const link = element('a');
  link.href = URL.createObjectURL(new Blob([...parts], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser may ask where to put it
}
