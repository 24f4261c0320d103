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
import { gradientsOf } from '../training/autodiff/parameter-gradients.js';
import { classifierStep } from '../training/objective/classifier-step.js';
import { goldenCase, goldenTensors, relativeDifference } from './golden.js';

type Case = { readonly config: Readonly<Record<string, number>>; readonly loss: number };

describe('XLNet against PyTorch and transformers', () => {
  let golden: { case: Case; model: Weights; tensors: Weights; gradients: Weights };
  let architecture: ArchitectureConfig;
  beforeAll(async () => {
    const [model, tensors, gradients] = await Promise.all(
      ['model', 'case', 'grads'].map((part) => goldenTensors(`xlnet/${part}.safetensors`)),
    );
    golden = { case: goldenCase<Case>('xlnet'), model: model!, tensors: tensors!, gradients: gradients! };
    const { vocab_size, d_model, n_layer, n_head, d_inner, layer_norm_eps } = golden.case.config;
    const sizes = { vocabularySize: vocab_size, width: d_model, layers: n_layer, heads: n_head, intermediate: d_inner };
    const none = { dropout: 0, headDropout: 0 };
    architecture = architectureSchema.parse({ kind: 'xlnet', ...sizes, ...none, layerNormEpsilon: layer_norm_eps });
  });

  /** The golden head under our name; the encoder is named as `XLNetModel` saves it, without a prefix. */
  const named = (weights: Weights): Weights =>
    new Map([...weights].map(([key, tensor]) => [key.replace(/^head\./, 'logits_proj.'), tensor]));
  const inputs = (): Tensors =>
    Object.fromEntries(['input_ids', 'attention_mask', 'token_type_ids'].map((name) => [name, golden.tensors.get(name)!]));

  async function run(pick: (graph: ReturnType<typeof buildClassifier>) => readonly Value[], feeds = inputs()): Promise<readonly Tensor[]> {
    const graph = buildClassifier(architecture, { labels: 6 });
    const matched = matchWeights(storedShapes(graph.parameters), named(golden.model));
    expect(matched).toMatchObject({ missing: [], mismatched: [], unused: ['mask_emb'] }); // of pre-training alone
    const outputs = pick(graph);
    const session = await createSession(
      toOnnx(graph.builder.graph(outputs), { initializers: fromStored(graph.parameters, matched.weights) }),
    );
    const results = await session.run(feeds);
    await session.dispose();
    return outputs.map(({ name }) => results[name]!);
  }
  const agrees = (actual: Tensor, name: string) =>
    expect(relativeDifference(actual.data as Float32Array, golden.tensors.get(name)!.data as Float32Array), name).toBeLessThan(1e-5);

  test('the last hidden states, padding included; the largest over time; the logits', async () => {
    const [states, features, logits] = await run(({ builder, features, logits }) => [
      builder.nodes.findLast(({ op }) => op === 'LayerNormalization')!.outputs[0]!,
      features,
      logits,
    ]);
    agrees(states!, 'last_hidden_state');
    agrees(features!, 'max_over_time');
    agrees(logits!, 'logits');
  });

  test('the loss of several labels a text, and the gradient of every weight', async () => {
    const { builder, loss, parameters } = classifierStep({ architecture, labels: 6, task: 'multi-label' });
    const gradients = differentiate(
      builder,
      loss,
      parameters.map(({ value }) => value),
    );
    const session = await createSession(toOnnx(builder.graph([loss, ...gradients])));
    const { weights } = matchWeights(storedShapes(parameters), named(golden.model));
    const results = await session.run({
      ...inputs(),
      targets: golden.tensors.get('labels')!,
      ...Object.fromEntries(fromStored(parameters, weights)),
    });
    await session.dispose();
    expect(Number(results[loss.name]!.data[0])).toBeCloseTo(golden.case.loss, 5);

    const theirs = fromStored(parameters, matchWeights(storedShapes(parameters), named(golden.gradients)).weights);
    expect(theirs.size).toBe(parameters.length);
    const largest = Math.max(...[...theirs.values()].flatMap(({ data }) => [...(data as Float32Array)].map(Math.abs)));
    let compared = 0;
    for (const [i, { value }] of parameters.entries()) {
      const expected = theirs.get(value.name)!.data as Float32Array;
      const actual = results[gradients[i]!.name]!.data as Float32Array;
      // All texts are of one segment, so what is asked of segments shifts every score of a row alike: no gradient but rounding.
      if (Math.max(...expected.map(Math.abs)) < 1e-6 * largest) {
        expect(value.name).toMatch(/r_s_bias|seg_embed/);
        expect(Math.max(...actual.map(Math.abs))).toBeLessThan(1e-6 * largest);
        continue;
      }
      compared += 1;
      expect(relativeDifference(actual, expected), value.name).toBeLessThan(1e-4);
    }
    expect(compared).toBeGreaterThan(30);
  });

  test('a text scores the same alone, without padding, and in the padded batch', async () => {
    const [together] = await run(({ logits }) => [logits]);
    const [batch, tokens] = golden.tensors.get('attention_mask')!.dims as [number, number];
    for (let row = 0; row < batch; row++) {
      const part = (name: string) => [...(golden.tensors.get(name)!.data as BigInt64Array)].slice(row * tokens, (row + 1) * tokens);
      const length = part('attention_mask').filter((bit) => bit === 1n).length;
      const feeds = Object.fromEntries(
        Object.keys(inputs()).map((name) => [name, tensorOf('int64', [1, length], part(name).slice(0, length).map(Number))]),
      );
      const [alone] = await run(({ logits }) => [logits], feeds);
      const among = (together!.data as Float32Array).subarray(row * 6, (row + 1) * 6);
      const differences = (alone!.data as Float32Array).map((x, label) => Math.abs(x - among[label]!));
      expect(Math.max(...differences)).toBeLessThan(1e-6);
    }
  });

  test('where only the upper layers are trained, the backward pass ends above the others', () => {
    const upper = /^transformer\.layer\.2\.|^logits_proj\./;
    const step = classifierStep({ architecture, labels: 6, task: 'multi-label', trained: (name) => upper.test(name) });
    const gradients = gradientsOf(step);
    expect(gradients.length).toBeGreaterThan(10);
    for (const { name } of gradients) expect(name).toMatch(upper);
    const backward = step.builder.nodes.filter(({ name }) => name.startsWith('grad/'));
    expect(backward.filter(({ name }) => /layer\.[01]\.|word_embedding/.test(name))).toEqual([]);
    expect(backward.some(({ name }) => name.includes('layer.2.rel_attn'))).toBe(true);
  });
});
