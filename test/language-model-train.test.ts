import { expect, test } from 'vitest';
import {
  buildLanguageModel,
  createDecoder,
  decoderFile,
  generate,
  generationSchema,
  gpt2Schema,
  languageModelLoss,
  type Tensor,
  type Tensors,
  tensorOf,
  toStored,
} from '../models/index.js';
import { createSession } from '../models/runtime/node.js';
import type { EngineGraphs } from '../training/engines/engine.js';
import { createOnnxEngine } from '../training/engines/onnx.js';
import { stepGraph } from '../training/objective/step-graph.js';
import { optimizerSchema } from '../training/optimizers/optimizer-config.js';
import { initialWeights } from '../training/trainer/initial-weights.js';

const sizes = { vocabularySize: 14, width: 16, layers: 2, heads: 2, intermediate: 32, maxPositions: 8 };
const config = gpt2Schema.parse({ kind: 'gpt2', ...sizes, dropout: 0.1, attentionDropout: 0.1 });

/** Texts between a start (1) and an end (2), each told by its second token; two are padded with 0. */
const texts = [[1, 5, 6, 7, 8, 2], [1, 9, 8, 7, 2], [1, 10, 11, 2]]; // biome-ignore format: a matrix
const padded = (of: (text: readonly number[], i: number) => number): Tensor =>
  tensorOf(
    'int64',
    [3, 6],
    texts.flatMap((text) => [0, 1, 2, 3, 4, 5].map((i) => of(text, i))),
  );
const tensors: Tensors = { input_ids: padded((text, i) => text[i] ?? 0), attention_mask: padded((text, i) => Number(i < text.length)) };

test('a language model is trained by the engine that trains classifiers, learns texts by heart, and writes them', async () => {
  const { builder, parameters, masks, loss } = languageModelLoss(config);
  const whole = buildLanguageModel(config);
  const graphs: EngineGraphs = {
    training: stepGraph({ builder, parameters, masks, loss, parts: {} }),
    evaluation: { builder: whole.builder, parameters: whole.parameters, output: whole.logits },
  };
  const start = initialWeights(parameters, 3);
  const engine = await createOnnxEngine({ graphs, weights: start, optimizer: optimizerSchema.parse({}), seed: 1, threads: 1 });
  const losses: number[] = [];
  for (let step = 0; step < 120; step++) {
    const result = await engine.step([{ texts: 3, tensors }], { step, learningRate: 1e-2, emaDecay: null });
    expect(result.applied).toBe(true);
    losses.push(result.loss);
  }
  const { weights } = await engine.state();
  const { length } = await engine.evaluate(tensors, 'weights');
  await engine.dispose();
  expect(length).toBe(3 * 6 * 14);
  expect(losses[0]).toBeCloseTo(Math.log(14), 0);
  expect(losses[9]!).toBeLessThan(losses[0]! - 0.3); // ten steps already tell
  for (const { value } of parameters) expect(weights.get(value.name), value.name).not.toEqual(start.get(value.name));

  const own = new Map(parameters.map(({ value }) => [value.name, tensorOf('float32', value.shape as number[], weights.get(value.name)!)]));
  const session = await createSession(decoderFile(config, toStored(parameters, own)));
  const written = await generate(createDecoder(session, config), {
    prompts: texts.map((text) => text.slice(0, 2)),
    config: generationSchema.parse({ kind: 'greedy', maxNewTokens: 6, endToken: 2 }),
    random: () => 0,
  });
  await session.dispose();
  expect(written.map(({ ids }) => ids)).toEqual(texts);
  expect(written.map(({ ended }) => ended)).toEqual([true, true, true]);
});
