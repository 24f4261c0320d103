/** @file The end of a run: temperature and thresholds fitted on val, test looked at once, `run.json` and `report.html` written. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../../models/bundle/node.js';
import { createClassifier, type Prediction, type Run, runFiles, runModel, tokenizerConfig, type Weights } from '../../models/index.js';
import { type OpenRun, writeRun } from '../../models/run/node.js';
import { createSession } from '../../models/runtime/node.js';
import { createTokenizer } from '../../models/text/node.js';
import { readWeights } from '../../models/weights/node.js';
import type { Example } from '../data/example.js';
import { type Baselines, computeBaselines } from '../metrics/baselines.js';
import { fitRules } from '../metrics/fit-rules.js';
import { hardExamples, toJsonLines } from '../metrics/hard-examples.js';
import { chooseHold } from '../metrics/hold.js';
import { computeMetrics, type Metrics } from '../metrics/metrics.js';
import type { SplitSummary } from '../report/report-input.js';
import { writeReport } from '../report/write-report.js';
import { selectionMetric } from './config.js';
import { type Prepared, toInput } from './prepare.js';
import type { RunLog } from './run-log.js';

export type Finished = {
  readonly run: OpenRun;
  readonly report: string;
  readonly baselines: Baselines;
  readonly val: Metrics;
  readonly test?: Metrics;
};

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
  const { labels, task } = dataset;
  const predictions = await readPredictions(folder);
  const logits = predictions.map((prediction) => prediction.logits);
  const targets = predictions.map(({ target }) => target);
  const { hold, reason } = holdOf(prepared);
  const rules = fitRules({ ...config.policy, task, labels, hold, logits, targets });
  const measure = (rows: readonly ArrayLike<number>[], of: readonly (readonly number[])[]) =>
    computeMetrics({ task, labels, temperature: rules.temperature, logits: rows, targets: of, thresholds: rules.thresholds });
  const valMetrics = measure(logits, targets);

  const weights = await readWeights(join(folder, runFiles.weights));
  const created = new Date().toISOString();
  const contents = {
    name: config.name,
    created,
    architecture: definition.architecture,
    labels: [...labels],
    ...rules,
    text: textRules(prepared),
    data: {
      fingerprint: { ...dataset.fingerprint },
      examples: Object.fromEntries(Object.entries(dataset.splits).map(([name, split]) => [name, split.length])),
      ...(Object.keys(config.data.rename).length > 0 ? { rename: config.data.rename } : {}),
      ...(dataset.transductive ? { transductive: { ...dataset.transductive } } : {}),
    },
    best: { step: best.step, metric: selectionMetric(config, task), value: best.value },
    ...termsOf(prepared),
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

  const hard = hardExamples({
    task,
    labels,
    temperature: rules.temperature,
    thresholds: rules.thresholds,
    logits,
    targets,
    examples: val.examples,
  });
  await writeWhole(join(folder, runFiles.hard), toJsonLines(hard));

  const baselines = await computeBaselines(dataset);
  const entries = await log.entries();
  const report = await writeReport(folder, {
    title: config.name,
    created,
    task,
    labels,
    ...rules,
    holdReason: reason,
    steps: entries.flatMap((entry) => (entry.kind === 'step' ? [entry] : [])),
    evaluations: entries.flatMap((entry) => (entry.kind === 'evaluation' ? [entry] : [])),
    bestStep: best.step,
    ended,
    val: { texts: val.examples, targets, logits },
    baselines,
    data: { splits: summaries(prepared), warnings: dataset.warnings, fingerprint: dataset.fingerprint },
    config,
  });
  return { run, report, baselines, val: valMetrics, ...(test ? { test } : {}) };
}

/** What the model was trained on, and so what it may be asked. */
function textRules({ config: { text, data }, dataset: { splits } }: Prepared): Run['text'] {
  const pairs = splits.train.filter(({ pair }) => pair !== undefined).length;
  const input = pairs === 0 ? 'single' : pairs === splits.train.length ? 'pair' : 'any';
  return { maxTokens: text.maxTokens, input, pairs: data.pairs };
}

/** The config's own word on the weights, or that of those that they come from. */
function termsOf({ config, terms }: Prepared): Pick<Run, 'license' | 'notice'> {
  const license = config.license ?? terms.license;
  const notice = config.notice ?? terms.notice;
  return { ...(license ? { license } : {}), ...(notice ? { notice } : {}) };
}

/** The labels that hold a text back, and the sentence that says why these. */
export function holdOf({ config, dataset: { labels, splits, task } }: Prepared): {
  readonly hold: readonly string[];
  readonly reason: string;
} {
  const { hold } = config.policy;
  if (hold)
    return {
      hold,
      reason:
        hold.length > 0
          ? `Texts are held back for ${hold.join(', ')}, as the config says.`
          : 'No label holds a text back, as the config says.',
    };
  return chooseHold(task, labels, countByLabel(labels, splits.train));
}

/** Through the exported form of the model, as it will be served. */
async function measureTest(
  { dataset, tokenizerJson }: Prepared,
  contents: Parameters<typeof runModel>[0] & Pick<Run, 'text'>,
  weights: Weights,
  measure: (rows: readonly ArrayLike<number>[], targets: readonly (readonly number[])[]) => Metrics,
): Promise<Metrics> {
  const test = dataset.splits.test!;
  const session = await createSession(runModel(contents, weights));
  const classifier = createClassifier({ session, tokenizer: createTokenizer(tokenizerJson), ...contents.text });
  const { logits } = await classifier.logits(test.map(toInput)).finally(() => session.dispose());
  return measure(
    logits,
    test.map(({ target }) => target),
  );
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
