/** @file Labelled texts out of a file. */
import { nearest, UsageError } from '../../models/index.js';
import type { ReadLimits } from './read-lines.js';
import { invalid } from './read-lines.js';
import { type Row, readRows } from './read-rows.js';

/** One labelled text, as the file has it. `line` counts from 1 (in a JSON array: the entry). */
export type RawExample = { readonly text: string; readonly pair?: string; readonly label: string; readonly line: number };

type Problem = { readonly line: number; readonly what: string; readonly fix: string };

/** Reads `text`, `label` and optionally `pair` of every row; other fields are left out. Numbers and booleans as labels become strings.
 *  @param path .jsonl, .ndjson, .json (array or lines), .csv or .tsv, each also with .gz
 *  @throws UsageError `data/missing`, `data/invalid`: the first row that cannot be used, and how many more there are */
export async function readExamples(path: string, limits: ReadLimits = {}): Promise<RawExample[]> {
  const examples: RawExample[] = [];
  const problems: Problem[] = [];
  for await (const row of readRows(path, limits)) {
    const example = toExample(row);
    if ('what' in example) problems.push(example);
    else examples.push(example);
  }
  const [first] = problems;
  if (first) throw invalid(path, first.line, `${first.what}${others(problems.slice(1))}`, first.fix);
  if (examples.length === 0)
    throw new UsageError('data/invalid', `${path}: holds no example`, 'write at least one row with text and label.');
  return examples;
}

function toExample({ value, line }: Row): RawExample | Problem {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { line, what: `not an object but ${kindOf(value)}`, fix: 'write an object with text and label in each row.' };
  }
  const { text, pair, label } = value as Record<string, unknown>;
  for (const [name, field] of Object.entries({ text, label })) {
    if (field === undefined || field === null) return missing(line, name, Object.keys(value));
  }
  if (typeof text !== 'string') return { line, what: `text is ${kindOf(text)}, not a string`, fix: 'put the text in double quotes.' };
  if (text.trim() === '') return { line, what: 'text is empty', fix: 'remove the row; there is nothing to learn from it.' };
  if (pair !== undefined && pair !== null && typeof pair !== 'string') {
    return { line, what: `pair is ${kindOf(pair)}, not a string`, fix: 'put the second text in double quotes, or leave pair out.' };
  }
  const name = typeof label === 'number' || typeof label === 'boolean' ? String(label) : label;
  if (typeof name !== 'string') return { line, what: `label is ${kindOf(label)}, not a string`, fix: 'give one label, as a string.' };
  if (name.trim() === '') return { line, what: 'label is empty', fix: 'give the row a label, or remove it.' };
  return { text, label: name.trim(), line, ...(typeof pair === 'string' ? { pair } : {}) };
}

function missing(line: number, name: string, present: readonly string[]): Problem {
  const meant = nearest(name, present) ?? present.find((key) => synonyms[name]?.includes(key.toLowerCase()));
  const fields = present.length > 0 ? `has ${present.map((key) => JSON.stringify(key)).join(', ')}` : 'has no field';
  return {
    line,
    what: `no ${name}: the row ${fields}`,
    fix: meant && meant !== name ? `rename ${JSON.stringify(meant)} to "${name}".` : `give every row a "${name}".`,
  };
}

const synonyms: { readonly [name: string]: readonly string[] } = {
  text: ['headline', 'title', 'content', 'body', 'sentence', 'comment', 'tweet', 'post', 'message'],
  label: ['class', 'category', 'target', 'y', 'verdict', 'rating'],
};

function others(problems: readonly Problem[]): string {
  if (problems.length === 0) return '';
  const lines = problems.slice(0, 8).map(({ line }) => line);
  return ` (and ${problems.length} more row${problems.length === 1 ? '' : 's'} cannot be used: ${lines.join(', ')}${problems.length > 8 ? ', …' : ''})`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${String(value)}`;
}
