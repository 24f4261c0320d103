/** @file One row of a file to one text with what is said of it. */
import { nearest } from '../../models/index.js';
import type { Row } from '../../models/rows/node.js';
import type { Task } from './example.js';
import {
  columnsOf,
  type Fault,
  type FieldName,
  type Fields,
  isFault,
  kindOf,
  type Read,
  readEntities,
  readGroup,
  readLabel,
  readLabels,
  readMark,
  readTime,
  readValues,
  readVotes,
} from './fields.js';

/** One text, as the file has it. `line` counts from 1 (in a JSON array and in Parquet: the entry). Of `label`, `labels` and `value` it has
 *  the one that the task asks for, or none where labels are not asked for. */
export type RawExample = {
  readonly text: string;
  readonly pair?: string;
  readonly label?: string;
  readonly labels?: readonly string[];
  readonly value?: readonly number[];
  readonly entities?: readonly string[];
  readonly time?: number;
  readonly group?: string;
  /** How many annotators gave each label. */
  readonly votes?: Readonly<Record<string, number>>;
  readonly line: number;
};

export type Problem = Fault & { readonly line: number };

export type RowRules = { readonly fields: Fields; readonly labelled: boolean; readonly task: Task };

/** @returns the example, or what is wrong with the row */
export function toExample({ value, line }: Row, { fields, labelled, task }: RowRules): RawExample | Problem {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { line, what: `not an object but ${kindOf(value)}`, fix: 'write an object with text and label in each row.' };
  }
  const row = value as Readonly<Record<string, unknown>>;
  const texts = readTexts(row, fields);
  if (isFault(texts)) return { line, ...texts };
  const target = labelled ? targets[task](row, fields) : { value: {} };
  if (isFault(target)) return { line, ...target };
  const extras = readExtras(row, fields);
  return isFault(extras) ? { line, ...extras } : { ...texts.value, ...target.value, ...extras.value, line };
}

/** What a row is labelled with, by the fields that it has. */
export function taskOf({ value }: Row, fields: Fields): Task {
  const row = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const named = kinds.find(({ field }) => fields[field] !== undefined) ?? kinds.find(({ field }) => isThere(row[field]));
  return named?.task ?? 'single-label';
}

const kinds: readonly { readonly field: 'label' | 'labels' | 'value'; readonly task: Task }[] = [
  { field: 'label', task: 'single-label' },
  { field: 'labels', task: 'multi-label' },
  { field: 'value', task: 'regression' },
];

type Cells = Readonly<Record<string, unknown>>;
type Target = Pick<RawExample, 'label' | 'labels' | 'value'>;

const targets: { readonly [T in Task]: (row: Cells, fields: Fields) => Read<Target> } = {
  'single-label': (row, fields) => required(row, fields, 'label', readLabel, (label) => ({ label })),
  'multi-label': (row, fields) => {
    const columns = columnsOf(fields, 'labels');
    if (columns) return fromColumns(row, columns, readMark, (marks) => ({ labels: columns.filter((_, i) => marks[i]) }));
    return !isThere(at(row, fields, 'labels')) && isThere(at(row, fields, 'label'))
      ? required(row, fields, 'label', readLabels, (labels) => ({ labels }))
      : required(row, fields, 'labels', readLabels, (labels) => ({ labels }));
  },
  regression: (row, fields) => {
    const columns = columnsOf(fields, 'value');
    if (columns) return fromColumns(row, columns, readValues, (values) => ({ value: values.flat() }));
    return required(row, fields, 'value', readValues, (value) => ({ value }));
  },
};

/** A target out of several fields of a row. */
function fromColumns<T>(
  row: Cells,
  columns: readonly string[],
  read: (field: unknown, column: string) => Read<T>,
  put: (values: readonly T[]) => Target,
): Read<Target> {
  const values: T[] = [];
  for (const column of columns) {
    if (!isThere(row[column])) return absent(row, column);
    const one = read(row[column], column);
    if (isFault(one)) return one;
    values.push(one.value);
  }
  return { value: put(values) };
}

function readTexts(row: Cells, fields: Fields): Read<Pick<RawExample, 'text' | 'pair'>> {
  const [text, pair] = [at(row, fields, 'text'), at(row, fields, 'pair')];
  if (!isThere(text)) return missing(row, fields, 'text');
  if (typeof text !== 'string') return { what: `text is ${kindOf(text)}, not a string`, fix: 'put the text in double quotes.' };
  if (text.trim() === '') return { what: 'text is empty', fix: 'remove the row; there is nothing to learn from it.' };
  if (isThere(pair) && typeof pair !== 'string')
    return { what: `pair is ${kindOf(pair)}, not a string`, fix: 'put the second text in double quotes, or leave pair out.' };
  return { value: { text, ...(typeof pair === 'string' && pair.trim() !== '' ? { pair } : {}) } };
}

type Extra = 'entities' | 'time' | 'group' | 'votes';
const extraReaders: { readonly [F in Extra]: (field: unknown) => Read<Pick<RawExample, F>[F]> } = {
  entities: readEntities,
  time: readTime,
  group: readGroup,
  votes: readVotes,
};

/** A field that merely has one of our names may hold anything, and is then left out; one that the config names must be right. */
function readExtras(row: Cells, fields: Fields): Read<Pick<RawExample, Extra>> {
  const found: Record<string, unknown> = {};
  for (const name of Object.keys(extraReaders) as Extra[]) {
    const field = at(row, fields, name);
    if (!isThere(field) || field === '') continue;
    const read = extraReaders[name](field);
    if (!isFault(read)) found[name] = read.value;
    else if (fields[name] !== undefined) return read;
  }
  return { value: found };
}

function required<T>(
  row: Cells,
  fields: Fields,
  name: FieldName,
  read: (field: unknown) => Read<T>,
  put: (value: T) => Target,
): Read<Target> {
  const field = at(row, fields, name);
  if (!isThere(field)) return missing(row, fields, name);
  const value = read(field);
  return isFault(value) ? value : { value: put(value.value) };
}

function missing(row: Cells, fields: Fields, name: FieldName): Fault {
  const present = Object.keys(row);
  const wanted = nameIn(fields, name);
  const marks = name === 'label' ? present.filter((key) => !serial.test(key) && !isFault(readMark(row[key] ?? '', key))) : [];
  const called = nearest(wanted, present) ?? present.find((key) => synonyms[name]?.includes(key.toLowerCase()));
  const meant = called ?? (marks.length === 1 ? marks[0] : undefined);
  if (meant && meant !== wanted)
    return absent(row, wanted, `rename ${JSON.stringify(meant)} to "${wanted}", or set data.fields.${name} to ${JSON.stringify(meant)}.`);
  const other =
    marks.length > 0
      ? `; where a column says 0 or 1 for each label, set data.fields.labels to ${JSON.stringify(marks)}, or those of them that are labels.`
      : `, or set data.fields.${name} to the name that it has here.`;
  return absent(row, wanted, `give every row a "${wanted}"${other}`);
}

/** Columns that count rows. */
const serial = /^(.*[_ ])?(id|index|no|nr)$|^$/i;

/** A field that a row does not have, or has as null. */
function absent(row: Cells, wanted: string, fix?: string): Fault {
  if (wanted in row) return { what: `${wanted} is null`, fix: `give the row a ${wanted}, or remove it.` };
  const present = Object.keys(row);
  const held = present.length > 0 ? `has ${present.map((key) => JSON.stringify(key)).join(', ')}` : 'has no field';
  const meant = nearest(wanted, present);
  return {
    what: `no ${wanted}: the row ${held}`,
    fix: present.some(looksLikeText)
      ? 'the first line names the columns, and here it is a row: put a line such as text,label above it.'
      : (fix ?? `give every row a "${wanted}"${meant ? `; did you mean ${JSON.stringify(meant)}?` : '.'}`),
  };
}

/** Longer than any name of a column. */
const looksLikeText = (name: string): boolean => name.split(/\s+/).length > 4;

const synonyms: { readonly [name in FieldName]?: readonly string[] } = {
  text: [
    'headline',
    'title',
    'content',
    'body',
    'sentence',
    'sentence1',
    'comment',
    'comment_text',
    'tweet',
    'post',
    'message',
    'review',
    'question',
  ],
  label: ['class', 'category', 'target', 'y', 'verdict', 'rating'],
  labels: ['tags', 'categories', 'classes', 'topics'],
  value: ['score', 'rating', 'target', 'y', 'number'],
};

/** What the file calls a field; of several columns, what it would be called if it were one. */
function nameIn(fields: Fields, name: FieldName): string {
  const given = fields[name];
  return typeof given === 'string' ? given : name;
}
const at = (row: Cells, fields: Fields, name: FieldName): unknown => row[nameIn(fields, name)];
const isThere = (field: unknown): boolean => field !== undefined && field !== null;
