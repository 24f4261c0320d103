/** @file The step graph of a bundle as a function. */
import { type Session, sizeOf, type Tensor, UsageError } from '../../models/index.js';

export type StepRows = {
  /** One row a reading, all of one width. */
  readonly features: readonly Float32Array[];
  /** One row each; zeros where nothing is to be learnt. */
  readonly targets: readonly (readonly number[])[];
  readonly weights: readonly number[];
};

export type StepOptions = {
  /** 1 for the first. */
  readonly step: number;
  readonly learningRate: number;
  readonly anchor: number;
};

export type StepResults = {
  /** Before the step, one row a reading. */
  readonly logits: readonly Float32Array[];
  /** Of the ordinary texts, before the step. */
  readonly ordinary: readonly Float32Array[];
  /** Of the corrections, before the step. */
  readonly loss: number;
  /** [3, parameters] */
  readonly next: Float32Array;
};

/** @param state [3, parameters] */
export type StepRunner = (state: Float32Array, options: StepOptions) => Promise<StepResults>;

/** Steps over the same rows.
 *  @throws UsageError `runtime/model` for a graph that is not one of these */
export function stepRunner(session: Session, { features, targets, weights }: StepRows): StepRunner {
  const [batch, width, labels] = [features.length, features[0]!.length, targets[0]!.length];
  const scalar = (value: number): Tensor => float([], [value]);
  const rows = {
    features: float(
      [batch, width],
      features.flatMap((row) => [...row]),
    ),
    target: float([batch, labels], targets.flat()),
    weight: float([batch], weights),
  };
  return async (state, { step, learningRate, anchor }) => {
    const { logits, ordinary_logits, loss, next_state } = await session.run({
      ...rows,
      state: { type: 'float32', dims: [3, state.length / 3], data: state },
      step: scalar(step),
      learning_rate: scalar(learningRate),
      anchor: scalar(anchor),
    });
    if (!logits || !ordinary_logits || !loss || !next_state)
      throw new UsageError(
        'runtime/model',
        `personal head: the step gives ${session.outputNames.join(', ')}`,
        'open the file that the manifest names as personalise.step.',
      );
    return { logits: rowsOf(logits), ordinary: rowsOf(ordinary_logits), loss: Number(loss.data[0]), next: next_state.data as Float32Array };
  };
}

const float = (dims: readonly number[], values: readonly number[]): Tensor => ({ type: 'float32', dims, data: Float32Array.from(values) });

function rowsOf({ dims, data }: Tensor): readonly Float32Array[] {
  const width = sizeOf(dims.slice(1));
  return Array.from({ length: dims[0]! }, (_, row) => (data as Float32Array).slice(row * width, (row + 1) * width));
}
