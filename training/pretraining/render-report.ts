/** @file How pre-training went, on one page. */
import { chart, smooth } from '../report/charts.js';
import { type Html, html } from '../report/html.js';
import { page } from '../report/page.js';
import { decimal, figure, percent, table } from '../report/parts.js';
import type { StepEntry } from '../report/report-input.js';
import type { Prepared } from './prepare.js';
import type { Told } from './pretrain.js';

export type PretrainLogEntry = ({ readonly kind: 'step' } & StepEntry) | ({ readonly kind: 'evaluation'; readonly step: number } & Told);

type Points = readonly (readonly [number, number])[];

/** @param best the step whose weights were kept
 *  @returns a whole HTML document */
export function renderReport(
  { config, texts, train, val, guess, model }: Prepared,
  entries: readonly PretrainLogEntry[],
  best: number,
): string {
  const steps = entries.flatMap((entry) => (entry.kind === 'step' ? [entry] : []));
  const evaluations = entries.flatMap((entry) => (entry.kind === 'evaluation' ? [entry] : []));
  const kept = evaluations.find(({ step }) => step === best)!;
  const xRange = [0, Math.max(1, steps.at(-1)?.step ?? 1)] as const;
  const flat = (value: number): Points => xRange.map((x) => [x, value] as const);
  const loss: Points = steps.map((entry) => [entry.step, entry.loss]);
  const rows = [
    ['the model', decimal(kept.loss), kept.perplexity.toFixed(1), percent(kept.accuracy)],
    ['how often each token comes', decimal(guess.loss), Math.exp(guess.loss).toFixed(1), percent(guess.accuracy)],
    ['every token alike', decimal(Math.log(model.vocabularySize)), model.vocabularySize.toFixed(1), percent(1 / model.vocabularySize)],
  ];
  const line = (label: string, y: string, series: Parameters<typeof chart>[0]['series']): Html =>
    chart({ label, x: 'step', y, xRange, series });
  return page(
    `${config.name} – pre-training report`,
    html`<h1>${config.name}</h1>
<p class="muted">Pre-training report. ${texts.train.length} texts (${train.length} rows) to learn from, ${texts.val.length} (${val.length} rows) to measure by;
${texts.repeated} repetitions and ${texts.heldOut} held-out texts were left out. The weights of step ${best} were kept.</p>
<h2>Told on val</h2>
${table(['by', 'loss', 'perplexity', 'right'], rows, 1)}
<h2>Course of training</h2>
<div class="charts">
${figure(
  'Loss',
  'Of each batch of train (faint) and smoothed; on val with the averaged weights; and without a model, by how often each token comes.',
  line('Loss over steps', 'loss', [
    { name: 'each batch', points: loss, style: 'faint', color: 0 },
    { name: 'train, smoothed', points: smooth(loss, Math.max(5, steps.length / 25)), color: 0 },
    { name: 'val', points: evaluations.map((entry) => [entry.step, entry.loss] as const), color: 1, dots: true },
    { name: 'no model', points: flat(guess.loss), color: 5, style: 'dashed' },
  ]),
)}
${figure(
  'Told rightly',
  'Share of the tokens of val for which no other was held likelier.',
  line('Accuracy on val over steps', 'accuracy', [
    { name: 'val', points: evaluations.map((entry) => [entry.step, entry.accuracy] as const), color: 1, dots: true },
    { name: 'the most frequent token', points: flat(guess.accuracy), color: 5, style: 'dashed' },
  ]),
)}
${figure(
  'Learning rate',
  'As scheduled.',
  line('Learning rate over steps', 'rate', [{ name: 'rate', points: steps.map((entry) => [entry.step, entry.learningRate] as const) }]),
)}
</div>
<h2>Config</h2>
<pre>${JSON.stringify(config, null, 2)}</pre>`,
  );
}
