/** @file What every architecture builds: a graph from token ids to logits, and what it takes to run and to train it. */
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/graph.js';
import type { DropoutMask, Parameter } from '../layers/scope.js';

export type ClassifierGraph = {
  readonly builder: GraphBuilder;
  /** `input_ids`, `attention_mask` and `token_type_ids`, int64 [batch, tokens]. */
  readonly inputs: readonly Value[];
  readonly parameters: readonly Parameter[];
  /** One a dropout site, in order; empty unless built for training. */
  readonly masks: readonly DropoutMask[];
  /** [batch, labels] */
  readonly logits: Value;
};

export type BuildOptions = {
  readonly labels: number;
  readonly training?: boolean;
  /** Default float32; float64 for gradient checks. */
  readonly float?: GraphBuilder['float'];
};
