/** @file Verdicts as lines of a file, in the forms that people hand in and take in: JSON lines, CSV, a column of probabilities, ids with labels. */
import { type Manifest, nearest, UsageError, type Verdict } from '../../models/index.js';
import { jsonLine } from '../../models/rows/node.js';
import type { FieldNames } from './text-row.js';

type Rules = Pick<Manifest, 'labels' | 'activation'>;
type Fields = Readonly<Record<string, unknown>>;
export type Layout = {
  /** Of the file, when it is zipped. */
  readonly name: string;
  readonly head?: string;
  line(fields: Fields, verdict: Verdict): string;
};
export type LayoutSettings = {
  /** Fields that stand for the text. */
  readonly ids?: readonly string[] | undefined;
  /** The label whose score a column of probabilities holds. */
  readonly label?: string | undefined;
  /** What the texts given call their fields. */
  readonly fields: FieldNames;
  readonly rules: Rules;
};

/** @throws UsageError `usage/argument` for a label that the model does not have; a line throws one for an id that its text does not have */
export const layouts = { jsonl, csv, submission } satisfies Readonly<Record<string, (settings: LayoutSettings) => Layout>>;

function jsonl({ ids }: LayoutSettings): Layout {
  return {
    name: 'predictions.jsonl',
    line: (fields, verdict) => jsonLine({ ...(ids ? Object.fromEntries(ids.map((id) => [id, idOf(fields, id)])) : fields), ...verdict }),
  };
}

/** With a header: ids, or the text itself; what was answered; and the score of each label. */
function csv({ ids, fields: { text = 'text', pair = 'pair' }, rules: { labels, activation } }: LayoutSettings): Layout {
  const first = ids ?? [text, pair];
  const answered = { softmax: ['label', 'score', 'decision'], sigmoid: ['labels', 'score', 'decision'], none: [] }[activation];
  const row = (cells: readonly unknown[]) => cells.map((cell) => quoted(String(cell ?? ''))).join(',');
  return {
    name: 'predictions.csv',
    head: row([...first, ...answered, ...labels]),
    line: (fields, verdict) => {
      const named = ids ? ids.map((id) => idOf(fields, id)) : first.map((name) => fields[name]);
      const flat: Fields = { ...verdict, ...('labels' in verdict ? { labels: verdict.labels?.join('|') } : {}) };
      return row([...named, ...answered.map((name) => flat[name]), ...labels.map((label) => scoresOf(verdict)[label])]);
    },
  };
}

/** With ids: tab-separated ids and label. Without: one probability a line. Neither has a header. */
function submission({ ids, label, rules }: LayoutSettings): Layout {
  const name = 'submission.tsv';
  if (ids)
    return { name, line: (fields, verdict) => [...ids.map((id) => idOf(fields, id)), answerOf(verdict, rules)].map(flat).join('\t') };
  const column = columnOf(label, rules);
  return { name, line: (_, verdict) => String(scoresOf(verdict)[column]) };
}

/** The label whose score is the column: the one asked for, the second of two, or the only one. */
function columnOf(asked: string | undefined, { labels }: Rules): string {
  if (asked !== undefined && labels.includes(asked)) return asked;
  if (asked !== undefined) {
    const meant = nearest(asked, labels);
    const fix = meant ? `did you mean ${JSON.stringify(meant)}?` : `use one of ${labels.join(', ')}.`;
    throw new UsageError('usage/argument', `--label: the model has no label ${JSON.stringify(asked)}`, fix);
  }
  if (labels.length <= 2) return labels.at(-1)!;
  throw new UsageError(
    'usage/argument',
    `--format submission: one probability a line, but the model has ${labels.length} labels`,
    `say whose with --label (${labels.join(', ')}), or name ids with --ids to write labels.`,
  );
}

const scoresOf = (verdict: Verdict): Readonly<Record<string, number>> => ('scores' in verdict ? verdict.scores : verdict.values);

function answerOf(verdict: Verdict, { labels }: Rules): string {
  if (!('scores' in verdict)) return labels.map((label) => verdict.values[label]).join('|');
  return verdict.labels ? verdict.labels.join('|') : verdict.label;
}

function idOf(fields: Fields, id: string): unknown {
  const value = fields[id];
  if (value !== undefined && value !== null) return value;
  const meant = nearest(id, Object.keys(fields));
  const fix = meant ? `did you mean ${meant}?` : `give every text one, or name others of [${Object.keys(fields).join(', ')}].`;
  throw new UsageError('data/invalid', `--ids: a text has no field ${JSON.stringify(id)}`, fix);
}

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
/** A cell of a file without quotes. */
const flat = (cell: unknown): string => String(cell).replace(/[\t\r\n]+/g, ' ');
