import { beforeAll, describe, expect, test } from 'vitest';
import {
  type ArchitectureConfig,
  architectureSchema,
  buildClassifier,
  fromStored,
  matchWeights,
  storedShapes,
  type Tensor,
  type Tensors,
  tensorOf,
  toOnnx,
  type Value,
  type Weights,
} from '../models/index.js';
import { createSession } from '../models/runtime/node.js';
import { differentiate } from '../training/autodiff/differentiate.js';
import { classifierStep } from '../training/objective/classifier-step.js';
import { goldenCase, goldenTensors, oneHot, relativeDifference } from './golden.js';

type Case = { readonly sizes: object; readonly losses: Readonly<Record<string, number>> };

describe.each([
  ['rotary', 'roformer'],
  ['relative', 'nezha'],
])('BERT with %s positions against PyTorch', (positions, model) => {
  let golden: { case: Case; model: Weights; tensors: Weights; gradients: Weights };
  let architecture: ArchitectureConfig;
  beforeAll(async () => {
    const [weights, tensors, gradients] = await Promise.all(
      ['model', 'case', 'grads'].map((part) => goldenTensors(`positions/${positions}_${part}.safetensors`)),
    );
    golden = { case: goldenCase<Case>('positions'), model: weights!, tensors: tensors!, gradients: gradients! };
    const none = { dropout: 0, attentionDropout: 0 };
    architecture = architectureSchema.parse({ kind: 'bert', positions, maxPositions: 8, ...golden.case.sizes, ...none });
  });
  const inputs = (): Tensors =>
    Object.fromEntries(['input_ids', 'attention_mask', 'token_type_ids'].map((name) => [name, golden.tensors.get(name)!]));
  const floats = ({ data }: Tensor) => data as Float32Array;

  async function run(pick: (graph: ReturnType<typeof buildClassifier>) => readonly Value[], feeds = inputs()): Promise<readonly Tensor[]> {
    const graph = buildClassifier(architecture, { labels: 3 });
    const matched = matchWeights(storedShapes(graph.parameters), golden.model);
    expect(matched).toMatchObject({ missing: [], mismatched: [], unused: [] });
    const outputs = pick(graph);
    const session = await createSession(
      toOnnx(graph.builder.graph(outputs), { initializers: fromStored(graph.parameters, matched.weights) }),
    );
    const results = await session.run(feeds);
    await session.dispose();
    return outputs.map(({ name }) => results[name]!);
  }

  test(`there is no table of positions, and weights are named as ${model} names them`, () => {
    const names = buildClassifier(architecture, { labels: 3 }).parameters.map(({ value }) => value.name);
    expect(names.filter((name) => name.includes('position'))).toEqual([]);
    expect(names.slice(0, 2)).toEqual([`${model}.embeddings.word_embeddings.weight`, `${model}.embeddings.token_type_embeddings.weight`]);
  });

  test('hidden states and logits of texts of up to 90 tokens', async () => {
    const [states, logits] = await run(({ builder, logits }) => [
      builder.nodes.findLast(({ op }) => op === 'LayerNormalization')!.outputs[0]!,
      logits,
    ]);
    // What stands at padding is nobody's: only tokens are compared.
    const mask = [...(golden.tensors.get('attention_mask')!.data as BigInt64Array)];
    const tokens = (x: Tensor) => floats(x).filter((_, i) => mask[Math.floor(i / 16)] === 1n);
    expect(relativeDifference(tokens(states!), tokens(golden.tensors.get('last_hidden_state')!))).toBeLessThan(1e-5);
    expect(relativeDifference(floats(logits!), floats(golden.tensors.get('logits')!))).toBeLessThan(1e-5);
  });

  test('the loss and the gradient of every weight', async () => {
    const { builder, loss, parameters } = classifierStep({ architecture, labels: 3 });
    const gradients = differentiate(
      builder,
      loss,
      parameters.map(({ value }) => value),
    );
    const session = await createSession(toOnnx(builder.graph([loss, ...gradients])));
    const { weights } = matchWeights(storedShapes(parameters), golden.model);
    const targets = oneHot(golden.tensors.get('labels')!, 3);
    const results = await session.run({ ...inputs(), targets, ...Object.fromEntries(fromStored(parameters, weights)) });
    await session.dispose();
    expect(Number(results[loss.name]!.data[0])).toBeCloseTo(golden.case.losses[positions]!, 5);

    const theirs = fromStored(parameters, matchWeights(storedShapes(parameters), golden.gradients).weights);
    expect(theirs.size).toBe(parameters.length);
    const largest = Math.max(...[...theirs.values()].flatMap((tensor) => [...floats(tensor)].map(Math.abs)));
    for (const [i, { value }] of parameters.entries()) {
      const expected = floats(theirs.get(value.name)!);
      // Where positions do not turn it, the bias of a key shifts all scores of a row alike: its gradient is rounding.
      if (Math.max(...expected.map(Math.abs)) < 1e-6 * largest) expect([positions, value.name.slice(-8)]).toEqual(['relative', 'key.bias']);
      else expect(relativeDifference(floats(results[gradients[i]!.name]!), expected), value.name).toBeLessThan(1e-4);
    }
  });

  test('a text scores the same alone, without padding, and in the padded batch', async () => {
    const [together] = await run(({ logits }) => [logits]);
    for (const [row, length] of [90, 12, 5].entries()) {
      const part = (name: string) => [...(golden.tensors.get(name)!.data as BigInt64Array)].slice(row * 90, row * 90 + length).map(Number);
      const feeds = Object.fromEntries(Object.keys(inputs()).map((name) => [name, tensorOf('int64', [1, length], part(name))]));
      const [alone] = await run(({ logits }) => [logits], feeds);
      const among = floats(together!).subarray(row * 3, (row + 1) * 3);
      expect(Math.max(...floats(alone!).map((x, label) => Math.abs(x - among[label]!)))).toBeLessThan(1e-6);
    }
  });
});
