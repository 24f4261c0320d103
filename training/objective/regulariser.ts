/** @file What is added to the loss of a classifier to train it better: further passes, further terms. */
import type { ClassifierGraph, GraphBuilder, Outputs, Value } from '../../models/index.js';
import type { Task } from '../data/dataset.js';

/** The training graph as it stands when a regulariser adds to it. */
export type StepContext = {
  readonly g: GraphBuilder;
  readonly task: Task;
  readonly labels: number;
  readonly classifier: ClassifierGraph;
  /** [batch, labels] */
  readonly targets: Value;
  /** The loss that the config names, of some logits: []. */
  readonly measure: (outputs: Pick<Outputs, 'logits'>) => Value;
  /** The same of one pass, with that of its auxiliary logits: []. */
  readonly supervised: (outputs: Outputs) => Value;
  /** A second pass over the same texts, with dropout of its own: one for all who ask. Where there is one, the supervised loss is that of both. */
  readonly second: () => Outputs;
  /** Features of the teacher, where there is one whose features count. */
  readonly teacherWidth?: number;
};

/** `value` [] counts `weight` times. */
export type Term = { readonly weight: number; readonly value: Value };

export type Contribution = {
  /** By the name that logs give it. */
  readonly terms: Readonly<Record<string, Term>>;
  /** What is left of the supervised loss. Default 1. */
  readonly supervisedWeight?: number;
  /** The loss of the labels in another form. */
  readonly supervised?: (outputs: Pick<Outputs, 'logits'>) => Value;
};

export type Regulariser<Config> = (context: StepContext, config: Config) => Contribution;
