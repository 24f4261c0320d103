/** @file The figures of a model as a table for a person. */
import { type Metrics, type MetricsByTask, metricsOfTask, metricTitles, metricValue, type Task } from '../training/index.js';

type Cell = number | string | null;
type Line = (name: string, ...cells: readonly Cell[]) => string;

/** @param cut texts whose end was not read */
export function figuresTable(metrics: Metrics, cut: number): string {
  const figures = [
    ...metricsOfTask[metrics.task].map((name) => [metricTitles[name], metricValue(metrics, name)] as const),
    ...('ece' in metrics ? [['ECE', metrics.ece] as const] : []),
  ];
  const names = Object.keys('perValue' in metrics ? metrics.perValue : metrics.perClass);
  const width = Math.max(...names.map((name) => name.length), ...figures.map(([title]) => title.length));
  const line: Line = (name, ...cells) => [name.padEnd(width), ...cells.map((cell) => show(cell).padStart(9))].join('  ');
  return [
    line('texts', String(metrics.examples)),
    ...(cut > 0 ? [line('cut short', String(cut))] : []),
    ...figures.map(([title, value]) => line(title, value)),
    ...(details[metrics.task] as (metrics: Metrics, line: Line) => string[])(metrics, line),
  ].join('\n');
}

const details: { readonly [T in Task]: (metrics: MetricsByTask[T], line: Line) => string[] } = {
  'single-label': ({ perClass, confusion }, line) => {
    const names = Object.keys(perClass);
    return [
      '',
      line('label', 'precision', 'recall', 'F1', 'texts'),
      ...Object.entries(perClass).map(([name, { precision, recall, f1, support }]) => line(name, precision, recall, f1, String(support))),
      '',
      `${line('truth', ...names.map((name) => name.slice(0, 9)))}   (columns: answers)`,
      ...confusion.map((row, i) => line(names[i]!, ...row.map(String))),
    ];
  },
  'multi-label': ({ perClass }, line) => [
    '',
    line('label', 'precision', 'recall', 'F1', 'AUC', 'from', 'texts'),
    ...Object.entries(perClass).map(([name, { precision, recall, f1, auc, threshold, support }]) =>
      line(name, precision, recall, f1, auc, String(threshold), String(support)),
    ),
  ],
  regression: ({ perValue }, line) =>
    Object.keys(perValue).length < 2
      ? []
      : [
          '',
          line('value', 'Pearson', 'Spearman', 'MSE', 'MAE'),
          ...Object.entries(perValue).map(([name, { pearson, spearman, mse, mae }]) => line(name, pearson, spearman, mse, mae)),
        ],
};

const show = (cell: Cell): string => (cell === null ? '-' : typeof cell === 'string' ? cell : cell.toFixed(4));
