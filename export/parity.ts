/** @file Whether an exported file answers as the trained graph did, on real texts: by precision what is asked of it. */
import { type Parity, type Precision, parityFault, UsageError } from '../models/index.js';
import { comparedFigures, computeMetrics, metricValue, taskOf } from '../training/index.js';
import { type AnswerRules, type Compared, type CompareOptions, compareAnswers } from './compare-answers.js';

/** Logits may differ by this much at most: training and export sum in different orders, in float32. */
export const parityTolerance = 1e-4;

/** What a file that rounds may lose on val. */
const mayLose = { mostLost: 0.005, leastAgreement: 0.99 } as const;

type Bar = Pick<Parity, 'tolerance'> & {
  /** Texts compared at most. */
  readonly maxTexts: number;
  readonly mayLose?: Pick<NonNullable<Parity['accuracy']>, 'mostLost' | 'leastAgreement'>;
};

/** Roundings fall otherwise where another machine sums otherwise: between native code and WebAssembly less than a tenth of this was seen. */
const repeated = 0.1;

const bars: { readonly [P in Precision]: Bar } = {
  fp32: { tolerance: parityTolerance, maxTexts: 1000 },
  int8: { tolerance: repeated, maxTexts: 5000, mayLose },
  fp16: { tolerance: repeated, maxTexts: 5000, mayLose },
};

/** How a file compares; `parityFault` says whether that will do. */
export async function measureParity(precision: Precision, options: Omit<CompareOptions, 'maxTexts'>): Promise<Parity> {
  const { tolerance, maxTexts, mayLose } = bars[precision];
  const compared = await compareAnswers({ ...options, maxTexts });
  const { chosen, maxLogitDifference, agreeing } = compared;
  return {
    texts: chosen.length,
    maxLogitDifference,
    labelAgreement: agreeing / chosen.length,
    tolerance,
    ...(mayLose ? { accuracy: { ...figures(options.rules, compared), ...mayLose } } : {}),
  };
}

/** The figure that models of this task are compared by, of the trained graph and of the file. */
function figures(
  { activation, labels, temperature, thresholds }: AnswerRules,
  { chosen, logits }: Compared,
): Pick<NonNullable<Parity['accuracy']>, 'figure' | 'trained' | 'exported'> {
  const task = taskOf(activation);
  const [figure] = comparedFigures[task];
  const targets = chosen.map(({ target }) => target);
  const of = (given: readonly ArrayLike<number>[]) =>
    metricValue(computeMetrics({ task, labels, temperature, thresholds, logits: given, targets }), figure);
  return { figure, trained: of(chosen.map((prediction) => prediction.logits)), exported: of(logits) };
}

/** Of the fp32 file also that every text has the label that it had. @throws UsageError `bundle/parity` */
export function checkParity(precision: Precision, parity: Parity): void {
  const { texts, labelAgreement, accuracy } = parity;
  const fault =
    parityFault(parity) ??
    (accuracy || labelAgreement === 1
      ? undefined
      : `${Math.round((1 - labelAgreement) * texts)} of ${texts} val texts get another label than in the run`);
  if (fault !== undefined)
    throw new UsageError(
      'bundle/parity',
      `export: the exported ${precision} file is not what was trained: ${fault}`,
      'nothing was written; check that the run folder was not changed, or train again.',
    );
}
