import { precisionRecallCurve } from '../metrics/ranking.js';
import { chart, type Series } from './charts.js';
import type { Html } from './html.js';
import { figure } from './parts.js';
import type { ReportInput, Scores } from './report-input.js';

const mostCurves = 8;

/** What a threshold costs, for each label. */
export function precisionRecallFigure({ labels, val }: ReportInput, scores: Scores): Html {
  const series = labels.slice(0, mostCurves).flatMap((label, of): Series[] => {
    const curve = precisionRecallCurve(
      scores.map((row) => row[of]!),
      val.targets.map((target) => target[of]! >= 0.5),
    );
    return curve ? [{ name: label, color: of, points: [[0, curve[0]!.y], ...curve.map(({ x, y }) => [x, y] as const)] }] : [];
  });
  const left = labels.length > mostCurves ? ` The first ${mostCurves} of ${labels.length} labels.` : '';
  return figure(
    'Precision and recall',
    `What a threshold costs: how many of the texts with a label are found (recall), and how many of those found have it (precision).${left}`,
    chart({ label: 'Precision against recall for each label', x: 'recall', y: 'precision', series, xRange: [0, 1], yRange: [0, 1] }),
  );
}
