/** @file How a training step is carried out. One interface, one conformance suite (`conformance.ts`); engines differ in speed only. */
import type { GraphBuilder, Parameter, Tensors, Value } from '../../models/index.js';
import type { StepGraph } from '../objective/step-graph.js';
import type { LossScale } from '../optimizers/loss-scale.js';
import type { OptimizerConfig } from '../optimizers/optimizer-config.js';

/** What an engine runs: a loss to be made small, and something to be measured of the same weights. */
export type EngineGraphs = {
  readonly training: StepGraph;
  /** Without dropout and without what only training has; its output is float, its parameters are some of those of `training`. */
  readonly evaluation: {
    readonly builder: GraphBuilder;
    readonly parameters: readonly Parameter[];
    readonly output: Value;
    readonly features?: Value;
  };
};

/** What the batches of a run look like. */
export type BatchShape = {
  /** Rows of nearly all of them: others, such as the last of an epoch, are not worth compiling for. */
  readonly rows: number;
  /** Tokens of the longest text there can be. */
  readonly longest: number;
  /** Of the token that fills up shorter texts. */
  readonly padId: number;
};

export type EngineOptions = {
  readonly graphs: EngineGraphs;
  /** By parameter name, in the layout of the graph; every parameter of `graphs.training`. */
  readonly weights: NamedArrays;
  readonly optimizer: OptimizerConfig;
  /** Of the dropout masks. */
  readonly seed: number;
  /** `fp16`: matrix products in half precision, the loss scaled so that no gradient rounds to zero. Default `fp32`. */
  readonly precision?: 'fp32' | 'fp16';
  /** What most batches look like, for engines that compile for one shape. Default: not known, each shape is compiled. */
  readonly batches?: BatchShape;
  /** Whether the activations within layers are computed anew for the backward pass, and not held for it. Default false; the same losses. */
  readonly recompute?: boolean;
  /** Of the engine `onnx`. Default `cpu`. */
  readonly provider?: 'cpu' | 'cuda';
  /** Threads of one operator; default: as many as the runtime finds cores. */
  readonly threads?: number;
};

/** One padded batch: the data inputs of the training graph by name. Inputs that the graph does not have are passed over. */
export type TrainingBatch = {
  /** Its weight among the batches of one step. */
  readonly texts: number;
  readonly tensors: Tensors;
};

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
  /** What the loss is the weighted sum of, by name; empty where it is one thing. */
  readonly parts: Readonly<Record<string, number>>;
  /** Global L2 norm of the gradient, before clipping. */
  readonly gradientNorm: number;
  /** False when loss or norm was not finite: the update was then not made and weights, moments and average are unchanged. */
  readonly applied: boolean;
  /** True when that was for half precision alone: the next step's loss is scaled by half as much. */
  readonly overflowed: boolean;
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
  /** In half precision: what the next loss is scaled by. */
  readonly lossScale?: LossScale;
};

export interface Engine {
  /** `onnx`, `tfjs`, …, and what it runs on, for logs. */
  readonly name: string;
  readonly device: string;
  /** One update. Several batches are accumulated: the gradient is that of the mean loss over all their texts. */
  step(batches: readonly TrainingBatch[], options: StepOptions): Promise<StepResult>;
  /** The output of the evaluation graph, row-major, with the weights or with their moving average. For a classifier: logits [batch, labels]. */
  evaluate(tensors: Tensors, which: 'weights' | 'average'): Promise<Float32Array>;
  /** A copy. */
  state(): Promise<EngineState>;
  /** A copy of the moving average alone. */
  average(): Promise<NamedArrays>;
  restore(state: EngineState): Promise<void>;
  dispose(): Promise<void>;
}
