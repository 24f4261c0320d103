/** @file The tables of a model card: how good the model is, and on which label how good. */
import type { Figures, Manifest } from '../../models/index.js';

type Activation = Manifest['activation'];
type Carded = Omit<Manifest, 'files'>;

export function figureTable({ metrics, activation }: Carded): string {
  if (Object.keys(metrics).length === 0)
    return 'None: it was brought in without labelled texts, so nothing is known of how good it is on yours.';
  const columns = figureColumns[activation];
  const rows = Object.entries(metrics).map(([split, of]) => [split, ...columns.map(([, key]) => figure(of, key))]);
  return [table(['Split', ...columns.map(([title]) => title)], rows), ...byLabel(metrics)].join('\n\n');
}

const figureColumns: { readonly [A in Activation]: readonly (readonly [title: string, key: string])[] } = {
  softmax: [['Macro F1', 'macroF1'], ['Accuracy', 'accuracy'], ['AUC', 'auc'], ['Calibration error', 'ece'], ['Texts', 'examples']], // biome-ignore format: a table
  sigmoid: [['Macro F1', 'macroF1'], ['Micro F1', 'microF1'], ['All labels right', 'accuracy'], ['Texts', 'examples']], // biome-ignore format: a table
  none: [['Pearson', 'pearson'], ['Spearman', 'spearman'], ['Mean squared error', 'mse'], ['Mean absolute error', 'mae'], ['Texts', 'examples']], // biome-ignore format: a table
};

type OfLabel = Readonly<Record<'precision' | 'recall' | 'f1' | 'support', unknown>>;

/** Of the texts that were looked at last: a label with few of them is one that little is known of. */
function byLabel(metrics: Manifest['metrics']): readonly string[] {
  const [split, of] = Object.entries(metrics).at(-1)!;
  const { perClass } = of as { readonly perClass?: Readonly<Record<string, OfLabel>> };
  if (!perClass) return [];
  const rows = Object.entries(perClass).map(([label, { precision, recall, f1, support }]) => [
    label,
    ...[precision, recall, f1, support].map(shown),
  ]);
  return [`By label, on ${split}:`, table(['Label', 'Precision', 'Recall', 'F1', 'Texts'], rows)];
}

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))].map((row) => `| ${row.join(' | ')} |`).join('\n');

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const figure = (figures: Figures, key: string): string => shown((figures as Readonly<Record<string, unknown>>)[key]);
const shown = (value: unknown): string => (typeof value === 'number' ? round(value) : '–');

export const round = (value: number): string => String(Number(value.toFixed(4)));
