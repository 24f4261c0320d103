/** @file Recurrent layers in both directions over word vectors or a BERT, a masked attention over their states, and a head. */
import { z } from 'zod';
import type { Value } from '../graph/graph.js';
import { add } from '../graph/ops/elementwise.js';
import { dropout } from '../layers/dropout.js';
import { embedding } from '../layers/embedding.js';
import { gru } from '../layers/gru.js';
import { layerNorm } from '../layers/layer-norm.js';
import { linear } from '../layers/linear.js';
import { mlp } from '../layers/mlp.js';
import { poolings } from '../layers/pooling.js';
import type { Scope } from '../layers/scope.js';
import { bertSchema, encode, modelName } from './bert.js';
import type { Forward, ForwardInputs } from './classifier-graph.js';
import { headWidths } from './head-widths.js';

const size = z.number().int().positive();

export const bigruSchema = z
  .strictObject({
    kind: z.literal('bigru'),
    vocabularySize: size.default(8000),
    /** Of the word vectors. */
    width: size.default(128),
    /** A whole BERT under the recurrent layers, which then read its last states; it decides `vocabularySize` and `width`. */
    encoder: bertSchema.optional(),
    /** Units of each direction. */
    hidden: size.default(128),
    layers: size.default(2),
    dropout: z.number().min(0).lt(1).default(0.2),
    layerNormEpsilon: z.number().positive().default(1e-5),
    /** Adds to the recurrent states what they were made of, by a linear layer where the widths differ. */
    residual: z.boolean().default(false),
    /** Widths between the pooled states and the labels. */
    mlp: headWidths.default([]),
    /** Layer normalisation before each of their ReLUs. */
    mlpNormalized: z.boolean().default(false),
    /** Of the word vectors at the start. */
    initializerRange: z.number().positive().default(0.1),
  })
  .overwrite(({ encoder, ...config }) =>
    encoder ? { ...config, encoder, vocabularySize: encoder.vocabularySize, width: encoder.width } : config,
  );

export type BigruConfig = z.infer<typeof bigruSchema>;

export const forwardBigru: Forward<BigruConfig> = (root, config, inputs, { labels }) => {
  const { width, hidden, layers, dropout: rate, layerNormEpsilon: epsilon, residual, mlp: widths, mlpNormalized } = config;
  const g = root.graph;
  const { states: given, words } = readWords(root, config, inputs); // [batch, tokens, width]
  const recurrent = gru(root.at('gru'), dropout(root, given, rate), inputs.mask, { inputs: width, hidden, layers, dropout: rate }); // [batch, tokens, 2 hidden]
  const sum = residual ? add(g, recurrent, projected(root.at('residual'), given, { inputs: width, outputs: 2 * hidden })) : recurrent;
  const states = dropout(root, layerNorm(root.at('LayerNorm'), sum, { width: 2 * hidden, epsilon }), rate);
  const pooling = { states: [states], mask: inputs.mask, width: 2 * hidden, deviation: 1 / Math.sqrt(6 * hidden) };
  const features = poolings.attention(root, pooling); // [batch, 2 hidden]
  const head = { inputs: 2 * hidden, widths, outputs: labels, dropout: rate, ...(mlpNormalized ? { normalized: epsilon } : {}) };
  const logits = mlp(root.at('classifier'), dropout(root, features, rate), head); // [batch, labels]
  return { logits, features, words, auxiliary: [] };
};

/**
 * What the recurrent layers read: word vectors, or the last states of the BERT. A table of word vectors has the name that a BERT gives its
 * own, so that the weights of a pre-trained one are found.
 *
 *     returns  states [batch, tokens, width]; words, as looked up, of the same shape
 */
export function readWords(
  root: Scope,
  { encoder, vocabularySize, width, initializerRange: deviation }: BigruConfig,
  inputs: Omit<ForwardInputs, 'entities'>,
): { readonly states: Value; readonly words: Value } {
  if (encoder) {
    const { states, words } = encode(root.at(modelName(encoder)), encoder, inputs);
    return { states: states.at(-1)!, words };
  }
  const table = root.at('bert').at('embeddings').at('word_embeddings');
  const words = embedding(table, inputs.ids, { entries: vocabularySize, width, deviation });
  return { states: inputs.noise ? add(root.graph, words, inputs.noise) : words, words };
}

const projected = (scope: Scope, x: Value, { inputs, outputs }: { inputs: number; outputs: number }): Value =>
  inputs === outputs ? x : linear(scope, x, { inputs, outputs, deviation: 1 / Math.sqrt(3 * inputs) });
