import { activate } from '../../models/index.js';
import { calibrationBins, calibrationError } from '../metrics/calibration.js';
import { chart, type Series } from './charts.js';
import type { Html } from './html.js';
import { decimal, figure } from './parts.js';
import type { ReportInput, Scores } from './report-input.js';

/** Whether scores are as sure as they are right, before and with the temperature. */
export function calibrationFigure({ task, activation, temperature, val }: ReportInput, scores: Scores): Html {
  const before = val.logits.map((row) => activate(activation, 1, row));
  const curve = (name: string, of: Scores, color: number): Series => ({
    name,
    color,
    dots: true,
    points: calibrationBins(task, of, val.targets).flatMap(({ score, accuracy }) =>
      score === null || accuracy === null ? [] : [[score, accuracy] as const],
    ),
  });
  const ideal: Series = { name: 'as sure as right', style: 'dashed', color: 5, points: [[0, 0], [1, 1]] }; // biome-ignore format: a line
  const errors = [before, scores].map((of) => decimal(calibrationError(task, of, val.targets)));
  return figure(
    'Calibration',
    `Of what has a score of .8, eight in ten should be right. Expected error ${errors[0]} as trained, ${errors[1]} with the temperature ${decimal(temperature)}, fitted on these texts.`,
    chart({
      label: 'Share of what is right against its score',
      x: 'score',
      y: 'share right',
      series: [curve('as trained', before, 1), curve('with temperature', scores, 0), ideal],
      xRange: [0, 1],
      yRange: [0, 1],
    }),
  );
}
