/** @file The graph that says which tokens made a verdict: the model's own, and its gradient by the word vectors, written by our autodiff. */
import {
  type ArchitectureConfig,
  buildClassifier,
  type Graph,
  gather,
  invariant,
  type Manifest,
  mul,
  type Parameter,
  reduceSum,
  sub,
  unsqueeze,
  type Value,
} from '../models/index.js';
import { differentiate } from '../training/index.js';
import { strength } from './strength.js';

export type ExplainGraph = {
  readonly graph: Graph;
  readonly parameters: readonly Parameter[];
  readonly outputNames: ReadonlyMap<string, string>;
};

export type ExplainGraphOptions = {
  readonly labels: number;
  readonly activation: Manifest['activation'];
  readonly temperature: number;
  readonly float?: 'float32' | 'float64';
};

/**
 * Gradient x input and integrated gradients (Sundararajan et al. 2017) in one graph. Each row is a text on its way from a baseline to itself:
 *
 *     input_ids, attention_mask, token_type_ids   int64 [batch, tokens]
 *     baseline_ids   int64 [batch, tokens]    the tokens that stand for "nothing was said here": the special ones as they are, the others padding
 *     progress       float [batch]            how far on its way: 0 is the baseline, 1 the text
 *     label          float [batch, labels]    1 at the label that is explained, else 0
 *
 *     strength       float [batch]            of the label, at that point: its log-odds, or the value of a regression
 *     attributions   float [batch, tokens]    gradient of the strength by each word vector, times the way from the baseline to the text
 *
 * At progress 1 the attributions are gradient x input. Their mean over steps of equal length adds up to the strength of the text less that of the baseline.
 */
export function explainGraph(
  config: ArchitectureConfig,
  { labels, activation, temperature, float = 'float32' }: ExplainGraphOptions,
): ExplainGraph {
  const { builder: g, given, words, parameters, again } = buildClassifier(config, { labels, float });
  const lookUp = g.nodes.find(({ outputs }) => outputs[0]!.name === words.name);
  invariant(lookUp?.op === 'Gather', 'the word vectors are not looked up in a table');
  const baseline = gather(g, lookUp.inputs[0]!, g.input('baseline_ids', ['batch', 'tokens'], 'int64')); // [batch, tokens, wordWidth]
  const way = sub(g, words, baseline);
  const progress = unsqueeze(g, g.input('progress', ['batch'], float), [1, 2]); // [batch, 1, 1]
  const noise = mul(g, sub(g, progress, g.constant(1, float)), way);
  const { logits } = again({ ...given, noise });
  const label = g.input('label', ['batch', labels], float);
  const strengths = strength(g, logits, label, { activation, temperature }); // [batch]
  const [gradient] = differentiate(g, reduceSum(g, strengths, { axes: [0] }), [noise]) as [Value]; // [batch, tokens, wordWidth]
  const attributions = reduceSum(g, mul(g, gradient, way), { axes: [2] }); // [batch, tokens]
  return {
    graph: g.graph([strengths, attributions]),
    parameters,
    outputNames: new Map([
      [strengths.name, 'strength'],
      [attributions.name, 'attributions'],
    ]),
  };
}
