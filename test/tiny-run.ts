/** @file A small finished run for tests: random weights, a tokenizer learnt from a few lines, logits from the reference evaluator. */
import {
  architectureSchema,
  buildClassifier,
  evaluate,
  fromStored,
  type Prediction,
  padBatch,
  storedShapes,
  tokenizerConfig,
  trainWordPiece,
  type Weights,
} from '../models/index.js';
import { type OpenRun, type RunContents, writeRun } from '../models/run/node.js';
import { createTokenizer } from '../models/text/node.js';

const labels = ['clickbait', 'news'];
const maxTokens = 40;

export const tinyTexts: readonly string[] = [
  'Ten tricks that bakers never tell you about',
  'Council approves budget for two new bridges over the harbour',
  'What this cat did next will melt your heart',
  'Rail strike called off after late-night talks',
  'Which soup are you? Answer five questions and we will guess',
  'River levels fall as rain moves east, the weather office says',
  'Bridges, budgets, and bakers: a very long headline that runs on and on until nobody reads its end any more at all',
];

/** Writes the run into `folder`, which is made where it is missing. */
export async function writeTinyRun(folder: string, change: Partial<RunContents['run']> = {}): Promise<OpenRun> {
  const tokenizerJson = await trainWordPiece({ texts: tinyTexts, vocabularySize: 160 });
  const tokenizer = createTokenizer(tokenizerJson);
  const architecture = architectureSchema.parse({
    kind: 'bert',
    vocabularySize: tokenizer.vocabularySize,
    width: 16,
    layers: 2,
    heads: 2,
    intermediate: 32,
    maxPositions: maxTokens,
  });
  const { builder, logits, parameters } = buildClassifier(architecture, { labels: labels.length });
  const weights = randomWeights(storedShapes(parameters));
  const graph = builder.graph([logits]);
  const own = [...fromStored(parameters, weights)].map(
    ([name, { dims, data }]) => [name, { dims, data: Float64Array.from(data as Float32Array) }] as const,
  );

  const predictions: Prediction[] = [];
  for (const [i, text] of tinyTexts.entries()) {
    const { batch, tokens, ids, mask, types } = padBatch(await tokenizer.encode([text], maxTokens), tokenizer.padId);
    const fed = Object.entries({ input_ids: ids, attention_mask: mask, token_type_ids: types }).map(
      ([name, data]) => [name, { dims: [batch, tokens], data: Float64Array.from(data, Number) }] as const,
    );
    const result = evaluate(graph, new Map([...own, ...fed])).get(logits.name)!;
    predictions.push({ text, target: i % 2 === 0 ? [1, 0] : [0, 1], logits: [...result.data] });
  }
  return writeRun(folder, {
    run: {
      name: 'tiny',
      created: '2026-01-02T03:04:05.000Z',
      architecture,
      labels,
      activation: 'softmax',
      temperature: 1.5,
      policy: { labels: { clickbait: { review: 0.4, block: 0.8 } } },
      text: { maxTokens, input: 'single', pairs: 'as-given' },
      data: { fingerprint: { val: 'f00d' }, examples: { val: tinyTexts.length } },
      metrics: { val: { macroF1: 0.5, accuracy: 0.5 } },
      best: { step: 3, metric: 'macroF1', value: 0.5 },
      ...change,
    },
    weights,
    tokenizerJson,
    tokenizerConfig: JSON.stringify(tokenizerConfig(tokenizerJson, maxTokens).tokenizerConfig),
    predictions,
  });
}

/** Large enough that two texts get clearly different logits; the same at every call. */
function randomWeights(shapes: readonly { readonly name: string; readonly shape: readonly number[] }[]): Weights {
  let state = 12345;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  return new Map(
    shapes.map(({ name, shape }) => {
      const centre = name.endsWith('LayerNorm.weight') ? 1 : 0;
      const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => centre + next());
      return [name, { type: 'float32', dims: shape, data }] as const;
    }),
  );
}
