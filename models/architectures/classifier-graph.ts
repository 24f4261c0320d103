/** @file What every architecture is: a forward pass from token ids to logits, and the graph that holds it. */
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/graph.js';
import type { DropoutMask, Parameter, Scope } from '../layers/scope.js';

/** int64 [batch, tokens] each; `mask` is 1 for tokens and 0 for padding. */
export type TokenInputs = { readonly ids: Value; readonly mask: Value; readonly types: Value };

export type ForwardInputs = TokenInputs & {
  /** Names of persons, places and things in the text, int64 [batch, entityTokens] each; given in training only. */
  readonly entities?: { readonly ids: Value; readonly mask: Value };
  /** [batch, tokens, wordWidth], added to the word vectors after they are looked up. */
  readonly noise?: Value;
};

export type Outputs = {
  /** [batch, labels] */
  readonly logits: Value;
  /** [batch, features]: what the head reads, before its dropout. */
  readonly features: Value;
  /** [batch, tokens, wordWidth]: the word vectors as looked up, before any noise. */
  readonly words: Value;
  /** Further logits [batch, labels] that have a loss of their own, in training only. */
  readonly auxiliary: readonly Auxiliary[];
};
export type Auxiliary = { readonly name: string; readonly logits: Value; readonly weight: number };

export type ForwardOptions = { readonly labels: number };
/** Writes one forward pass. Written again into the same graph it has the same weights and dropout of its own. */
export type Forward<Config> = (scope: Scope, config: Config, inputs: ForwardInputs, options: ForwardOptions) => Outputs;

export type ClassifierGraph = Outputs & {
  readonly builder: GraphBuilder;
  /** `input_ids`, `attention_mask` and `token_type_ids`; in training also `entity_ids` and `entity_mask`. */
  readonly inputs: readonly Value[];
  readonly parameters: readonly Parameter[];
  /** One a dropout site, in order; empty unless built for training. */
  readonly masks: readonly DropoutMask[];
  /** What the pass that the graph begins with reads. */
  readonly given: ForwardInputs;
  /** A further pass, over `given` or over other inputs, with the same weights and with dropout of its own. */
  again(inputs: ForwardInputs): Outputs;
  /** Where further parameters may be named. */
  readonly scope: Scope;
};

export type BuildOptions = {
  readonly labels: number;
  readonly training?: boolean;
  /** Default float32; float64 for gradient checks. */
  readonly float?: GraphBuilder['float'];
};
