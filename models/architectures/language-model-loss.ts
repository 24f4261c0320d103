import type { Value } from '../graph/graph.js';
import { add, cast, div, equal, max, mul, not, sub } from '../graph/ops/elementwise.js';
import { gather } from '../graph/ops/indexing.js';
import { reduceSum } from '../graph/ops/reduction.js';
import { positions, sizeAlong } from '../layers/positions.js';
import type { BuildOptions } from './classifier-graph.js';
import { buildLanguageModel, type Gpt2Config, type LanguageModelGraph } from './gpt2.js';
import { surpriseAt } from './surprise.js';

export type LanguageModelLoss = LanguageModelGraph & {
  /** [] mean over all tokens but the first of each text of minus the log of what the model gave them; padding does not count. */
  readonly loss: Value;
  /** [] share of them that the model held likelier than any other. */
  readonly accuracy: Value;
  /** [] tokens that it is the mean of: its weight where several batches make one step. */
  readonly predicted: Value;
};

/** The training graph of a language model: each token of a text is to be told from those before it. Texts are padded on the right. */
export function languageModelLoss(
  config: Gpt2Config,
  { training = true, float = 'float32' }: Omit<BuildOptions, 'labels'> = {},
): LanguageModelLoss {
  const graph = buildLanguageModel(config, { training, float });
  const [ids, mask] = graph.inputs as [Value, Value];
  const g = graph.builder.at('loss');
  const tokens = sizeAlong(g, ids, 1); // [1]
  const place = positions(g, tokens); // [tokens]
  const isLast = equal(g, place, sub(g, tokens, 1)); // [tokens]
  const next = add(g, place, cast(g, not(g, isLast), 'int64')); // [tokens]; the last stays where it is and does not count
  const follows = mul(g, gather(g, mask, next, 1), cast(g, not(g, isLast), 'int64')); // [batch, tokens]: 1 where a token follows
  const counted = cast(g, follows, g.float);

  const { surprise, hit } = surpriseAt(g, graph.logits, gather(g, ids, next, 1)); // [batch, tokens]
  const predicted = reduceSum(g, counted, { axes: [0, 1] });
  const mean = (x: Value): Value => div(g, reduceSum(g, mul(g, x, counted), { axes: [0, 1] }), max(g, predicted, 1));
  return { ...graph, loss: mean(surprise), accuracy: mean(hit), predicted };
}
