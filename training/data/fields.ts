/** @file The fields of a row that are read, what files call them, and what each may hold. */
import { z } from 'zod';

const name = z.string().min(1).optional();
const eachOnce = (columns: readonly string[]): boolean => new Set(columns).size === columns.length;
/** One field, or a field for each label or value. */
const names = z.union([z.string().min(1), z.array(z.string().min(1)).min(1).refine(eachOnce, 'names a column twice')]).optional();

export const fieldsSchema = z.strictObject({
  text: name,
  pair: name,
  label: name,
  labels: names,
  value: names,
  entities: name,
  time: name,
  group: name,
  votes: name,
});

/** What a file calls its fields, where not by our names. */
export type Fields = z.infer<typeof fieldsSchema>;
export type FieldName = keyof Fields;

/** The fields that hold a label or a value each; `undefined` where one field holds all. */
export function columnsOf(fields: Fields, name: 'labels' | 'value'): readonly string[] | undefined {
  const columns = fields[name];
  return typeof columns === 'string' ? undefined : columns;
}

/** What is wrong with a field, and what to do. */
export type Fault = { readonly what: string; readonly fix: string };
export type Read<T> = { readonly value: T } | Fault;
export const isFault = (read: object): read is Fault => 'fix' in read;

/** A list, or in a file of columns a cell such as `a|b`. */
export function readLabels(field: unknown): Read<readonly string[]> {
  const names = asList(field).map(nameOf);
  if (names.some((one) => one === undefined || one === '')) {
    const fix = 'give a list of strings, such as ["sport", "opinion"], or in CSV and TSV: sport|opinion; [] is a text without a label.';
    return { what: `labels is ${shown(field)}, not a list of names`, fix };
  }
  return { value: [...new Set(names as string[])] };
}

/** Whether a text has the label of a column: 1 or 0, true or false, or the share of annotators who said so, from a half on. */
export function readMark(field: unknown, column: string): Read<boolean> {
  const word = nameOf(field)?.toLowerCase() ?? '';
  const share = { true: 1, false: 0, '': Number.NaN }[word] ?? Number(word);
  if (share >= 0 && share <= 1) return { value: share >= 0.5 };
  const fix =
    'give 1 where the text has the label and 0 where it has not, or the share of annotators who said so; take rows out that nobody labelled.';
  return { what: `${column} is ${field === '' ? 'empty' : shown(field)}, not between 0 and 1`, fix };
}

/** One label, as a string. */
export function readLabel(field: unknown): Read<string> {
  const label = nameOf(field);
  if (label === undefined) return { what: `label is ${kindOf(field)}, not a string`, fix: 'give one label, as a string.' };
  if (label === '') return { what: 'label is empty', fix: 'give the row a label, or remove it.' };
  return { value: label };
}

/** A number or a list of numbers, as numbers or as strings of them. */
export function readValues(field: unknown, called = 'value'): Read<readonly number[]> {
  const values = asList(field).map((one) =>
    typeof one === 'number' || (typeof one === 'string' && one !== '') ? Number(one) : Number.NaN,
  );
  if (values.length > 0 && values.every(Number.isFinite)) return { value: values };
  return { what: `${called} is ${shown(field)}, not a number`, fix: 'give a number, such as 3.5, or for several values a list of them.' };
}

/** A list of names, of objects with the key `entity`, or a cell such as `a|b`. Each name once. */
export function readEntities(field: unknown): Read<readonly string[]> {
  const entries = asList(field).map((one) => nameOf(typeof one === 'object' && one !== null ? (one as { entity?: unknown }).entity : one));
  if (entries.some((one) => one === undefined)) {
    return { what: `entities is ${shown(field)}, not a list of names`, fix: 'give a list such as ["Reuters"] or [{"entity": "Reuters"}].' };
  }
  return { value: [...new Set((entries as string[]).filter((one) => one !== ''))] };
}

/** Unix seconds out of a number, a date, or a string such as 2018-03-01 or 2018-03-01T12:00:00+01:00. Without a zone it is UTC. */
export function readTime(field: unknown): Read<number> {
  const fix = 'give Unix seconds, such as 1519862400, or a date such as 2018-03-01 or 2018-03-01 12:00:00.';
  const seconds = secondsOf(field);
  if (seconds === undefined || !Number.isFinite(seconds)) return { what: `time is ${shown(field)}, which cannot be read as a time`, fix };
  if (Math.abs(seconds) > farFuture) return { what: `time is ${shown(field)}, beyond the year 3000`, fix: `${fix} Milliseconds / 1000?` };
  return { value: seconds };
}

const farFuture = 32_503_680_000;
const isoDate = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

function secondsOf(field: unknown): number | undefined {
  if (field instanceof Date) return field.getTime() / 1000;
  if (typeof field === 'number') return field;
  if (typeof field !== 'string') return undefined;
  const text = field.trim();
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  const [, date, time = '00:00', zone = 'Z'] = isoDate.exec(text) ?? [];
  return date === undefined ? undefined : Date.parse(`${date}T${time}${zone}`) / 1000;
}

/** The name of a source, a story or an author; `undefined` where the field is empty. */
export function readGroup(field: unknown): Read<string> {
  const group = nameOf(field);
  return group ? { value: group } : { what: `group is ${shown(field)}, not a name`, fix: 'give a string or a number.' };
}

/** How many annotators gave each label: an object such as `{ "hate": 1, "offensive": 2 }`, or in a cell `hate:1|offensive:2`. */
export function readVotes(field: unknown): Read<Readonly<Record<string, number>>> {
  const entries =
    typeof field === 'string'
      ? asList(field).map((part) => splitAtLast(String(part), ':'))
      : Object.entries(typeof field === 'object' && field !== null && !Array.isArray(field) ? field : {});
  const votes = entries.map(([label, count]) => [label.trim(), count === '' ? Number.NaN : Number(count)] as const);
  if (
    votes.some(([label, count]) => label === '' || !(count >= 0 && count < Number.POSITIVE_INFINITY)) ||
    votes.every(([, count]) => count === 0)
  ) {
    const fix = 'give how many chose each label, such as {"hate": 1, "offensive": 2}, or in CSV and TSV: hate:1|offensive:2.';
    return { what: `votes is ${shown(field)}, not counts of labels`, fix };
  }
  return { value: Object.fromEntries(votes) };
}

function splitAtLast(text: string, mark: string): readonly [string, string] {
  const at = text.lastIndexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** A value in words, for messages. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${String(value)}`;
}

const shown = (value: unknown): string =>
  typeof value === 'object' ? (JSON.stringify(value) ?? kindOf(value)).slice(0, 60) : kindOf(value).slice(0, 60);

function nameOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.trim() : typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function asList(field: unknown): readonly unknown[] {
  if (Array.isArray(field)) return field;
  if (typeof field !== 'string') return [field];
  return field.trim() === '' ? [] : field.split('|');
}
