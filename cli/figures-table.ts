/** @file The figures of a model as a table for a person. */
import { type Metrics, type MetricsByTask, metricsOfTask, metricTitles, metricValue, type Task } from '../training/index.js';

type Cell = number | string | null;
type Line = (name: string, ...cells: readonly Cell[]) => string;

/** What a table says besides figures: the labels in their order (whole numbers as keys have one of their own), and texts whose end was not read. */
type About = { readonly labels: readonly string[]; readonly truncated: number };

export function figuresTable(metrics: Metrics, { labels, truncated: cut }: About): string {
  const figures = [
    ...metricsOfTask[metrics.task].map((name) => [metricTitles[name], metricValue(metrics, name)] as const),
    ...('ece' in metrics ? [['ECE', metrics.ece] as const] : []),
  ];
  const width = Math.max(...labels.map((name) => name.length), ...figures.map(([title]) => title.length));
  const line: Line = (name, ...cells) => [name.padEnd(width), ...cells.map((cell) => show(cell).padStart(9))].join('  ');
  return [
    line('texts', String(metrics.examples)),
    ...(cut > 0 ? [line('cut short', String(cut))] : []),
    ...figures.map(([title, value]) => line(title, value)),
    ...(details[metrics.task] as Details<Task>)(metrics, labels, line),
  ].join('\n');
}

type Details<T extends Task> = (metrics: MetricsByTask[T], labels: readonly string[], line: Line) => string[];

const details: { readonly [T in Task]: Details<T> } = {
  'single-label': ({ perClass, confusion }, labels, line) => [
    '',
    line('label', 'precision', 'recall', 'F1', 'texts'),
    ...labels.map((name) => {
      const { precision, recall, f1, support } = perClass[name]!;
      return line(name, precision, recall, f1, String(support));
    }),
    '',
    `${line('truth', ...labels.map((name) => name.slice(0, 9)))}   (columns: answers)`,
    ...confusion.map((row, i) => line(labels[i]!, ...row.map(String))),
  ],
  'multi-label': ({ perClass }, labels, line) => [
    '',
    line('label', 'precision', 'recall', 'F1', 'AUC', 'from', 'texts'),
    ...labels.map((name) => {
      const { precision, recall, f1, auc, threshold, support } = perClass[name]!;
      return line(name, precision, recall, f1, auc, String(threshold), String(support));
    }),
  ],
  regression: ({ perValue }, labels, line) =>
    labels.length < 2
      ? []
      : [
          '',
          line('value', 'Pearson', 'Spearman', 'MSE', 'MAE'),
          ...labels.map((name) => {
            const { pearson, spearman, mse, mae } = perValue[name]!;
            return line(name, pearson, spearman, mse, mae);
          }),
        ],
};

const show = (cell: Cell): string => (cell === null ? '-' : typeof cell === 'string' ? cell : cell.toFixed(4));
