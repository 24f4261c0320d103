/** @file A layer of an encoder as BERT has it (Devlin et al. 2018), and as those that came of it name it. */
import type { Value } from '../graph/graph.js';
import { add, gelu } from '../graph/ops/elementwise.js';
import type { AttentionPlaces } from './attention-places.js';
import { dropout } from './dropout.js';
import { layerNorm } from './layer-norm.js';
import { linear } from './linear.js';
import type { Scope } from './scope.js';
import { bertProjections, type ProjectionNames, selfAttention } from './self-attention.js';

export type EncoderLayerOptions = {
  readonly width: number;
  readonly heads: number;
  /** Width inside the feed-forward part. */
  readonly intermediate: number;
  readonly dropout: number;
  readonly attentionDropout: number;
  readonly layerNormEpsilon: number;
  readonly initializerRange: number;
};

/** Paths of its weights, from the layer on. */
export type EncoderLayerNames = {
  /** Where the projections lie, and what they are called there. */
  readonly self: string;
  readonly projections: ProjectionNames;
  readonly attended: string;
  readonly attendedNorm: string;
  readonly wide: string;
  readonly narrow: string;
  readonly narrowNorm: string;
};

export const bertLayerNames: EncoderLayerNames = {
  self: 'attention.self',
  projections: bertProjections,
  attended: 'attention.output.dense',
  attendedNorm: 'attention.output.LayerNorm',
  wide: 'intermediate.dense',
  narrow: 'output.dense',
  narrowNorm: 'output.LayerNorm',
};

export type Surroundings = {
  /** [batch, 1, 1, tokens], added to the scores: 0 for tokens, -10000 for padding. */
  readonly bias: Value;
  /** How positions are told apart, where the words do not tell it already. */
  readonly places?: AttentionPlaces | undefined;
  /** Default: as BERT names them. */
  readonly names?: EncoderLayerNames;
};

/**
 * Self-attention and a feed-forward part, each added to its input and normalised.
 *
 *     x, returns  [batch, tokens, width]
 */
export function encoderLayer(
  scope: Scope,
  x: Value,
  options: EncoderLayerOptions,
  { bias, places, names = bertLayerNames }: Surroundings,
): Value {
  const { width, heads, intermediate, attentionDropout, layerNormEpsilon: epsilon, initializerRange: deviation } = options;
  const g = scope.graph;
  const close = (dense: string, norm: string, inner: Value, residual: Value, inputs: number): Value => {
    const projected = dropout(scope, linear(scope.at(dense), inner, { inputs, outputs: width, deviation }), options.dropout);
    return layerNorm(scope.at(norm), add(g, projected, residual), { width, epsilon });
  };
  const asked = { width, heads, dropout: attentionDropout, deviation, names: names.projections };
  const attended = selfAttention(scope.at(names.self), x, bias, asked, places);
  const attention = close(names.attended, names.attendedNorm, attended, x, width);
  const wide = linear(scope.at(names.wide), attention, { inputs: width, outputs: intermediate, deviation }); // [batch, tokens, intermediate]
  return close(names.narrow, names.narrowNorm, gelu(g, wide), attention, intermediate);
}

/** Layers one upon the other, named by their number: `x` and what each gives, [batch, tokens, width] each. */
export function encoderLayers(
  scope: Scope,
  x: Value,
  { layers, ...options }: EncoderLayerOptions & { readonly layers: number },
  around: Surroundings,
): readonly Value[] {
  const states = [x];
  for (let i = 0; i < layers; i++) states.push(encoderLayer(scope.at(String(i)), states.at(-1)!, options, around));
  return states;
}
