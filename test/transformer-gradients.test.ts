import { expect, test } from 'vitest';
import {
  architectureSchema,
  buildClassifier,
  evaluate,
  type GraphBuilder,
  gpt2Schema,
  languageModelLoss,
  mul,
  type Numbers,
  type Parameter,
  reduceSum,
  sizeOf,
  type Value,
} from '../models/index.js';
import { differentiate } from '../training/autodiff/differentiate.js';
import { createRandom } from '../training/data/random.js';

type Problem = { readonly builder: GraphBuilder; readonly loss: Value; readonly parameters: readonly Parameter[] };

const sizes = { vocabularySize: 9, width: 4, layers: 2, heads: 2, intermediate: 6 };
const none = { dropout: 0 };

/** A weighted sum of the logits of a small classifier, in float64. */
function classifier(change: object): Problem {
  const { builder, logits, parameters } = buildClassifier(architectureSchema.parse({ ...sizes, ...none, ...change }), {
    labels: 3,
    float: 'float64',
  });
  return { builder, parameters, loss: reduceSum(builder, mul(builder, logits, builder.constant([1, -0.7, 0.4])), { axes: [0, 1] }) };
}
const languageModel = (): Problem => {
  const config = gpt2Schema.parse({ kind: 'gpt2', ...sizes, ...none, maxPositions: 5, attentionDropout: 0 });
  return languageModelLoss(config, { training: false, float: 'float64' });
};

/** Two texts, the second padded, of two segments. */
const texts = new Map<string, Numbers>(
  Object.entries({
    input_ids: [2, 7, 7, 5, 3, 2, 4, 3, 0, 0],
    attention_mask: [1, 1, 1, 1, 1, 1, 1, 1, 0, 0],
    token_type_ids: [0, 0, 0, 1, 1, 0, 1, 1, 0, 0],
  }).map(([name, values]) => [name, { dims: [2, 5], data: Float64Array.from(values) }]),
);

test.each<[string, () => Problem]>([
  ['XLNet, the largest over time', () => classifier({ kind: 'xlnet', pooling: 'max' })],
  ['XLNet, the last token', () => classifier({ kind: 'xlnet', pooling: 'last' })],
  ['BERT with rotary positions', () => classifier({ kind: 'bert', positions: 'rotary', pooling: 'cls' })],
  ['BERT with relative positions', () => classifier({ kind: 'bert', positions: 'relative' })],
  ['DistilBERT', () => classifier({ kind: 'distilbert', attentionDropout: 0, headDropout: 0 })],
  ['RoBERTa', () => classifier({ kind: 'roberta', attentionDropout: 0, padId: 0, maxPositions: 6 })],
  [
    'RoBERTa with vectors for two segments',
    () => classifier({ kind: 'roberta', attentionDropout: 0, padId: 0, maxPositions: 6, typeVocabulary: 2 }),
  ],
  ['the loss of GPT-2', languageModel],
])('%s: the gradient of each parameter agrees with central differences in float64', (_, build) => {
  const { builder, loss, parameters } = build();
  const gradients = differentiate(
    builder,
    loss,
    parameters.map(({ value }) => value),
  );
  const random = createRandom(5);
  const drawn = (dims: readonly number[]): Numbers => ({
    dims,
    data: Float64Array.from({ length: sizeOf(dims) }, () => 2 * random.next() - 1),
  });
  const feeds = new Map([...texts, ...parameters.map(({ value }) => [value.name, drawn(value.shape as number[])] as const)]);
  const byRule = evaluate(builder.graph([loss, ...gradients]), feeds);
  const forward = builder.graph([loss]);
  const lossAt = () => evaluate(forward, feeds).get(loss.name)!.data[0]!;
  let largest = 0;
  for (const [i, { value }] of parameters.entries()) {
    const at = feeds.get(value.name)!.data;
    const gradient = byRule.get(gradients[i]!.name)!.data;
    const [start, direction] = [at.slice(), drawn([at.length]).data]; // along a line that no two elements share
    const along = (step: number) => {
      at.set(start.map((x, k) => x + step * direction[k]!));
      return lossAt();
    };
    const difference = (along(1e-5) - along(-1e-5)) / 2e-5;
    at.set(start);
    const expected = gradient.reduce((sum, x, k) => sum + x * direction[k]!, 0);
    const scale = Math.max(1e-2, ...gradient.map(Math.abs));
    expect(Math.abs(difference - expected) / scale, value.name).toBeLessThan(1e-6);
    largest = Math.max(largest, scale);
  }
  expect(largest).toBeGreaterThan(0.1);
});
