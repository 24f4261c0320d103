/** @file The end of a run: temperature and thresholds fitted on val, test looked at once, `run.json` and `report.html` written. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  activate,
  createClassifier,
  type Prediction,
  type Run,
  runFiles,
  runModel,
  tokenizerConfig,
  type Weights,
} from '../../models/index.js';
import { type OpenRun, writeRun } from '../../models/run/node.js';
import { createSession } from '../../models/runtime/node.js';
import { createTokenizer } from '../../models/text/node.js';
import { readWeights } from '../../models/weights/node.js';
import { type Example, labelOf } from '../data/dataset.js';
import { type Baselines, computeBaselines } from '../metrics/baselines.js';
import { fitTemperature } from '../metrics/calibration.js';
import { chooseHold } from '../metrics/hold.js';
import { computeMetrics, type Metrics } from '../metrics/metrics.js';
import { fitPolicy } from '../metrics/policy.js';
import type { SplitSummary } from '../report/report-input.js';
import { writeReport } from '../report/write-report.js';
import { type Prepared, toInput } from './prepare.js';
import type { RunLog } from './run-log.js';
import { checkpointFolder } from './train.js';

export type Finished = {
  readonly run: OpenRun;
  readonly report: string;
  readonly baselines: Baselines;
  readonly val: Metrics;
  readonly test?: Metrics;
};

const activation = 'softmax';

/** @param best the step whose weights and predictions lie in the folder, and the metric that chose it
 *  @param ended why training ended, as a sentence */
export async function finishRun(
  folder: string,
  prepared: Prepared,
  log: RunLog,
  best: { step: number; value: number },
  ended: string,
): Promise<Finished> {
  const { config, dataset, definition, tokenizerJson, val } = prepared;
  const { labels } = dataset;
  const predictions = await readPredictions(folder);
  const logits = predictions.map((prediction) => prediction.logits);
  const truth = predictions.map(labelOf);
  const temperature = fitTemperature(logits, truth, activation);
  const scores = logits.map((row) => activate(activation, temperature, row));
  const { hold, reason } = holdOf(prepared);
  const policy = fitPolicy({ labels, hold, scores, truth, blockPrecision: config.policy.blockPrecision });
  const measure = (rows: readonly ArrayLike<number>[], of: readonly number[]) =>
    computeMetrics({ labels, activation, temperature, logits: rows, truth: of });
  const valMetrics = measure(logits, truth);

  const weights = await readWeights(join(folder, runFiles.weights));
  const created = new Date().toISOString();
  const contents = {
    name: config.name,
    created,
    architecture: definition.architecture,
    labels: [...labels],
    activation,
    temperature,
    policy,
    text: { maxTokens: config.text.maxTokens },
    data: {
      fingerprint: { ...dataset.fingerprint },
      examples: Object.fromEntries(Object.entries(dataset.splits).map(([name, split]) => [name, split.length])),
    },
    best: { step: best.step, metric: config.training.metric, value: best.value },
    ...(config.license ? { license: config.license } : {}),
    ...(config.notice ? { notice: config.notice } : {}),
  } satisfies Partial<Run> | object;
  const test = dataset.splits.test ? await measureTest(prepared, contents, weights, measure) : undefined;
  const metrics = { val: { ...valMetrics }, ...(test ? { test: { ...test } } : {}) };
  const files = tokenizerConfig(tokenizerJson, config.text.maxTokens);
  const run = await writeRun(folder, {
    run: { ...contents, metrics },
    weights,
    tokenizerJson,
    tokenizerConfig: `${JSON.stringify(files.tokenizerConfig, null, 2)}\n`,
    predictions,
  });

  const baselines = await computeBaselines(dataset);
  const entries = await log.entries();
  const report = await writeReport(folder, {
    title: config.name,
    created,
    labels,
    activation,
    temperature,
    policy,
    holdReason: reason,
    steps: entries.flatMap((entry) => (entry.kind === 'step' ? [entry] : [])),
    evaluations: entries.flatMap((entry) => (entry.kind === 'evaluation' ? [entry] : [])),
    bestStep: best.step,
    ended,
    val: { texts: val.examples, truth, logits },
    baselines,
    data: { splits: summaries(prepared), warnings: dataset.warnings, fingerprint: dataset.fingerprint },
    config,
  });
  await rm(checkpointFolder(folder), { recursive: true, force: true });
  return { run, report, baselines, val: valMetrics, ...(test ? { test } : {}) };
}

/** The labels that hold a text back, and the sentence that says why these. */
export function holdOf({ config, dataset: { labels, splits } }: Prepared): { readonly hold: readonly string[]; readonly reason: string } {
  const { hold } = config.policy;
  if (hold)
    return {
      hold,
      reason:
        hold.length > 0
          ? `Texts are held back for ${hold.join(', ')}, as the config says.`
          : 'No label holds a text back, as the config says.',
    };
  return chooseHold(labels, countByLabel(labels, splits.train));
}

/** Through the exported form of the model, as it will be served. */
async function measureTest(
  { config, dataset, tokenizerJson }: Prepared,
  contents: Parameters<typeof runModel>[0],
  weights: Weights,
  measure: (rows: readonly ArrayLike<number>[], truth: readonly number[]) => Metrics,
): Promise<Metrics> {
  const test = dataset.splits.test!;
  const session = await createSession(runModel(contents, weights));
  const classifier = createClassifier({ session, tokenizer: createTokenizer(tokenizerJson), maxTokens: config.text.maxTokens });
  const { logits } = await classifier.logits(test.map(toInput)).finally(() => session.dispose());
  return measure(logits, test.map(labelOf));
}

async function readPredictions(folder: string): Promise<Prediction[]> {
  const text = await readFile(join(folder, runFiles.predictions), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Prediction);
}

const countByLabel = (labels: readonly string[], examples: readonly Example[]): Record<string, number> =>
  Object.fromEntries(labels.map((label, index) => [label, examples.filter(({ target }) => target[index] === 1).length]));

function summaries({ dataset: { labels, splits }, train, val }: Prepared): Record<string, SplitSummary> {
  const truncated = { train: train.truncated, val: val.truncated, test: null };
  return Object.fromEntries(
    Object.entries(splits).map(([name, examples]) => [
      name,
      { examples: examples.length, byLabel: countByLabel(labels, examples), truncated: truncated[name as 'train'] },
    ]),
  );
}
