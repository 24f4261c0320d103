/** @file Steps until every correction holds, or as many as may without changing what nobody corrected. */
import { averageReadings, type Session } from '../../models/index.js';
import type { Answers } from './answers.js';
import { type StepResults, stepRunner } from './step-runner.js';

export type LearnOptions = {
  /** Steps at most; each sees all corrections. Default 1500. */
  readonly epochs?: number;
  /** Default: what moves a logit by about 2 in the first step, whatever the size of the features. */
  readonly learningRate?: number;
  /** Share of ordinary texts whose answer may change. Default .05. */
  readonly maxChanged?: number;
  /** How surely a correction must hold, in log-odds. Default .5: a score of .62 where there are two labels. */
  readonly margin?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LearnProgress) => void;
};

export type LearnProgress = {
  readonly epoch: number;
  readonly loss: number;
  /** Corrections that are answered as corrected. */
  readonly right: number;
  /** Share of ordinary texts that are answered otherwise than by the exported head. */
  readonly changed: number;
};

export type Learnt = {
  readonly corrections: number;
  /** Those that are answered as corrected, now. */
  readonly right: number;
  /** The others, by their place in what was given. Giving in to them would have changed too much else. */
  readonly missed: readonly number[];
  readonly changed: number;
  readonly epochs: number;
  /** Of the corrections. */
  readonly loss: { readonly before: number; readonly after: number };
};

export type Lesson = {
  /** One row a reading: those of the corrections first, then those of texts whose answers are to stay. */
  readonly features: readonly Float32Array[];
  /** For each reading of a correction, which of them it belongs to. */
  readonly of: readonly number[];
  /** Of each correction. */
  readonly targets: readonly (readonly number[])[];
  /** Logits of each reading beyond those, as exported, and the scores that they give. */
  readonly stay: readonly { readonly logits: Float32Array; readonly scores: readonly number[] }[];
  readonly answers: Answers;
  /** Logits of the ordinary texts, as exported. */
  readonly ordinary: readonly Float32Array[];
  readonly parameters: number;
};

/** Keeping the answers to ordinary texts counts this much at first, and half as much after every so many steps in vain. */
const [firstAnchor, patience, lowest] = [16, 200, 2 ** -6];
/** Steps between two looks at the world outside: the runtime does not give way by itself. */
const breath = 20;
const reach = 2;

/** @returns what the head is to be changed by [parameters], and how that went. The same for the same lesson: nothing is drawn at random.
 *  @throws the reason of `signal` */
export async function learn(step: Session, lesson: Lesson, options: LearnOptions): Promise<{ change: Float32Array; learnt: Learnt }> {
  const { epochs = 1500, maxChanged = 0.05, margin = 0.5, signal, onProgress } = options;
  const { features, of, targets, stay, parameters } = lesson;
  const learningRate = options.learningRate ?? reach / meanSize(features);
  const run = stepRunner(step, {
    features,
    targets: [...of.map((i) => targets[i]!), ...stay.map(({ scores }) => scores)],
    weights: weightsOf(lesson),
  });
  let [state, anchor, before] = [new Float32Array(3 * parameters), firstAnchor, 0];
  let best: (Seen & { readonly state: Float32Array; readonly epoch: number }) | undefined;
  for (let epoch = 0; ; epoch++) {
    signal?.throwIfAborted();
    const results = await run(state, { step: epoch + 1, learningRate, anchor });
    const seen = look(lesson, results, margin);
    if (epoch === 0) before = results.loss;
    if (!best || (seen.changed <= maxChanged && better(seen, best))) best = { ...seen, state, epoch };
    const done = best.sure === targets.length || epoch === epochs;
    if (done || epoch % breath === 0) {
      onProgress?.({ epoch, loss: seen.loss, right: seen.right, changed: seen.changed });
      await new Promise((resolve) => setTimeout(resolve));
    }
    if (done) break;
    state = results.next as Float32Array<ArrayBuffer>;
    if ((epoch + 1) % patience === 0 && seen.changed <= maxChanged) anchor = Math.max(lowest, anchor / 2);
  }
  const { state: last, missed, right, changed, epoch, loss } = best;
  return {
    change: last.slice(0, parameters),
    learnt: { corrections: targets.length, right, missed, changed, epochs: epoch, loss: { before, after: loss } },
  };
}

type Seen = Omit<LearnProgress, 'epoch'> & {
  /** Corrections that hold by the margin. */
  readonly sure: number;
  readonly missed: readonly number[];
};

function look({ of, targets, stay, answers, ordinary }: Lesson, results: StepResults, margin: number): Seen {
  const margins = averageReadings(results.logits.slice(0, of.length), of).map((row, i) => answers.margin(row, targets[i]!));
  const kept = results.logits.slice(of.length).filter((row, i) => answers.same(row, stay[i]!.logits)).length;
  const same = results.ordinary.filter((row, i) => answers.same(row, ordinary[i]!)).length;
  const missed = margins.flatMap((one, i) => (one > 0 ? [] : [i]));
  return {
    loss: results.loss,
    right: margins.length - missed.length,
    sure: margins.filter((one) => one >= margin).length,
    missed,
    changed: Math.max(1 - same / ordinary.length, stay.length === 0 ? 0 : 1 - kept / stay.length),
  };
}

const better = (one: Seen, other: Seen): boolean => one.right > other.right || (one.right === other.right && one.sure > other.sure);

/** Each correction counts 1, however many readings it has; the texts that are to stay count as much as all corrections, at most 1 each. */
function weightsOf({ of, targets, stay }: Lesson): readonly number[] {
  const readings = new Array<number>(targets.length).fill(0);
  for (const i of of) readings[i]! += 1;
  return [...of.map((i) => 1 / readings[i]!), ...stay.map(() => Math.min(1, targets.length / stay.length))];
}

/** The mean over rows of the sum of sizes: AdamW moves every weight by the rate, and so a logit by the rate times this. */
const meanSize = (rows: readonly Float32Array[]): number =>
  rows.reduce((sum, row) => sum + row.reduce((size, value) => size + Math.abs(value), 1), 0) / rows.length;
