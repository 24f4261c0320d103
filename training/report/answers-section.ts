/** @file The part of the report about the answers on val: what is drawn depends on the task. */
import { activate } from '../../models/index.js';
import type { Task } from '../data/example.js';
import { calibrationFigure } from './calibration-figure.js';
import { confusionFigure } from './confusion-figure.js';
import { hardSection } from './hard-section.js';
import { type Html, html } from './html.js';
import { precisionRecallFigure } from './precision-recall-figure.js';
import type { ReportInput, Scores } from './report-input.js';
import { thresholdsSection } from './thresholds-section.js';
import { valueFigures } from './value-figures.js';

export function answersSection(input: ReportInput): Html {
  const scores = input.val.logits.map((row) => activate(input.activation, input.temperature, row));
  return html`
<h2>Answers on val</h2>
<div class="charts">${drawings[input.task].map((draw) => draw(input, scores))}</div>
<h2>Which texts are held</h2>
${thresholdsSection(input, scores)}
<h2>Hardest examples</h2>
${hardSection(input)}`;
}

type Draw = (input: ReportInput, scores: Scores) => Html | null | readonly Html[];

const drawings: { readonly [T in Task]: readonly Draw[] } = {
  'single-label': [confusionFigure, precisionRecallFigure, calibrationFigure],
  'multi-label': [precisionRecallFigure, calibrationFigure],
  regression: [valueFigures],
};
