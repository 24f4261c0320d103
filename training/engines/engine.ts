/** @file How a training step is carried out. One interface, one conformance suite (`conformance.ts`); engines differ in speed only. */
import type { TokenBatch } from '../../models/index.js';

/** One padded batch and the index of the label of each text, [batch] int64. */
export type LabelledBatch = TokenBatch & { readonly labels: BigInt64Array };

export type StepOptions = {
  /** 0-based number of the step: with the run's seed it fixes the dropout masks. */
  readonly step: number;
  readonly learningRate: number;
  /** Decay of the moving average of the weights after this step; `null` while it has not started: the average is then the weights themselves. */
  readonly emaDecay: number | null;
};

export type StepResult = {
  /** Mean over all texts of the step, before the update. */
  readonly loss: number;
  /** Global L2 norm of the gradient, before clipping. */
  readonly gradientNorm: number;
  /** False when loss or norm was not finite: the update was then not made and the state is unchanged. */
  readonly applied: boolean;
};

export type NamedArrays = ReadonlyMap<string, Float32Array>;

/** All that training changes: by parameter name, in the layout of the graph. */
export type EngineState = {
  readonly weights: NamedArrays;
  /** First and second moments of AdamW. Only trained parameters have them. */
  readonly first: NamedArrays;
  readonly second: NamedArrays;
  /** Exponential moving average of the weights. */
  readonly average: NamedArrays;
  /** Updates made so far, for the bias correction. */
  readonly updates: number;
};

export interface Engine {
  /** `onnx`, `tfjs`, …, and what it runs on, for logs. */
  readonly name: string;
  readonly device: string;
  /** One update. Several batches are accumulated: the gradient is that of the mean loss over all their texts. */
  step(batches: readonly LabelledBatch[], options: StepOptions): Promise<StepResult>;
  /** [batch, labels] row-major, without dropout, with the weights or with their moving average. */
  logits(batch: TokenBatch, which: 'weights' | 'average'): Promise<Float32Array>;
  /** A copy. */
  state(): Promise<EngineState>;
  restore(state: EngineState): Promise<void>;
  dispose(): Promise<void>;
}
