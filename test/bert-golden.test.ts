import { beforeAll, describe, expect, test } from 'vitest';
import {
  buildClassifier,
  fromOnnx,
  fromStored,
  matchWeights,
  storedShapes,
  type Tensor,
  type Tensors,
  toOnnx,
  type Value,
  type Weights,
} from '../models/index.js';
import { createSession } from '../models/runtime/node.js';
import { differentiate } from '../training/autodiff/differentiate.js';
import { classifierStep } from '../training/objective/classifier-step.js';
import { goldenArchitecture, goldenCase, goldenTensors, oneHot, relativeDifference } from './golden.js';

type Case = { readonly config: Readonly<Record<string, number>>; readonly loss: number };
type Pooling = 'cls' | 'mean' | 'last-four' | 'attention';

describe('BERT against PyTorch and transformers', () => {
  let golden: { case: Case; model: Weights; tensors: Weights; gradients: Weights };
  beforeAll(async () => {
    const [model, tensors, gradients] = await Promise.all(
      ['model', 'case', 'grads'].map((part) => goldenTensors(`bert/${part}.safetensors`)),
    );
    golden = { case: goldenCase<Case>('bert'), model: model!, tensors: tensors!, gradients: gradients! };
  });

  /** Golden weights under our names: the encoder without prefix, one of the heads, the attention pooling. */
  const named = (weights: Weights, head: string): Weights =>
    new Map(
      [...weights].map(([key, tensor]) => {
        if (key.startsWith(`${head}.`)) return [key.replace(`${head}.`, 'classifier.'), tensor];
        return [key.startsWith('head') || key.startsWith('attention_pool') ? key : `bert.${key}`, tensor];
      }),
    );
  const inputs = (): Tensors =>
    Object.fromEntries(['input_ids', 'attention_mask', 'token_type_ids'].map((name) => [name, golden.tensors.get(name)!]));

  async function run(pooling: Pooling, pick: (graph: ReturnType<typeof buildClassifier>) => Value, head = 'head'): Promise<Tensor> {
    const graph = buildClassifier(goldenArchitecture(golden.case.config, pooling), { labels: 3 });
    const { weights } = matchWeights(storedShapes(graph.parameters), named(golden.model, head));
    const output = pick(graph);
    const needed = graph.builder.graph([output]);
    const initializers = new Map(
      [...fromStored(graph.parameters, weights)].filter(([name]) => needed.inputs.some((input) => input.name === name)),
    );
    const session = await createSession(toOnnx(needed, { initializers }));
    const feeds = Object.fromEntries(Object.entries(inputs()).filter(([name]) => session.inputNames.includes(name)));
    const results = await session.run(feeds);
    await session.dispose();
    return results[output.name]!;
  }
  const agrees = (actual: Tensor, name: string) =>
    expect(relativeDifference(actual.data as Float32Array, golden.tensors.get(name)!.data as Float32Array)).toBeLessThan(1e-5);

  test('mean pooling: logits', async () => agrees(await run('mean', ({ logits }) => logits), 'logits'));
  test('last-four pooling: logits', async () => agrees(await run('last-four', ({ logits }) => logits, 'head_last4'), 'last4_logits'));

  const pooledBy = ({ builder, logits }: ReturnType<typeof buildClassifier>): Value => {
    const head = builder.nodes.findLast(({ op, outputs }) => op === 'Add' && outputs[0]!.name === logits.name)!;
    return builder.nodes.find(({ outputs }) => outputs[0]!.name === head.inputs[0]!.name)!.inputs[0]!;
  };
  test('cls pooling: the pooler', async () => agrees(await run('cls', pooledBy), 'pooler_output'));
  test('mean pooling: pooled vectors', async () => agrees(await run('mean', pooledBy), 'mean_pooled'));
  test('last-four pooling: pooled vectors', async () => agrees(await run('last-four', pooledBy), 'last4_cls'));
  test('masked attention pooling: pooled vectors', async () => agrees(await run('attention', pooledBy), 'attention_pooled'));

  test('hidden states after the embeddings and after every layer', async () => {
    for (let layer = 0; layer <= golden.case.config.num_hidden_layers!; layer++) {
      const actual = await run('mean', ({ builder }) => {
        const path = layer === 0 ? 'bert.embeddings.LayerNorm' : `bert.encoder.layer.${layer - 1}.output.LayerNorm`;
        return builder.nodes.find(({ name, op }) => op === 'LayerNormalization' && name.startsWith(`${path}/`))!.outputs[0]!;
      });
      agrees(actual, `hidden_states.${layer}`);
    }
  });

  test('the loss and the gradient of every weight', async () => {
    const { classifier, loss, trained } = classifierStep({ architecture: goldenArchitecture(golden.case.config), labels: 3 });
    const wrt = classifier.parameters.filter(({ value }) => trained.has(value.name));
    const gradients = differentiate(
      classifier.builder,
      loss,
      wrt.map(({ value }) => value),
    );
    const session = await createSession(toOnnx(classifier.builder.graph([loss, ...gradients])));
    const { weights } = matchWeights(storedShapes(classifier.parameters), named(golden.model, 'head'));
    const feeds = {
      ...inputs(),
      targets: oneHot(golden.tensors.get('labels')!, 3),
      ...Object.fromEntries(fromStored(classifier.parameters, weights)),
    };
    const results = await session.run(feeds);
    await session.dispose();
    expect(Number(results[loss.name]!.data[0])).toBeCloseTo(golden.case.loss, 5);

    const ours = new Map(wrt.map(({ value }, i) => [value.name, results[gradients[i]!.name]!]));
    const theirs = fromStored(wrt, named(golden.gradients, 'head'));
    expect([...theirs.keys()].sort()).toEqual([...ours.keys()].sort());
    const largest = Math.max(...[...theirs.values()].flatMap(({ data }) => [...(data as Float32Array)].map(Math.abs)));
    for (const [name, expected] of theirs) {
      const scale = Math.max(...[...(expected.data as Float32Array)].map(Math.abs));
      // The gradient of a key's bias is zero but for rounding: softmax does not change when all scores of a row grow alike.
      if (scale < 1e-6 * largest) continue;
      expect(relativeDifference(ours.get(name)!.data as Float32Array, expected.data as Float32Array), name).toBeLessThan(1e-4);
    }
  });

  test('the graph comes back from its bytes as it was', () => {
    const { builder, logits } = buildClassifier(goldenArchitecture(golden.case.config), { labels: 3 });
    const bytes = toOnnx(builder.graph([logits]));
    expect(Buffer.from(toOnnx(fromOnnx(bytes))).equals(Buffer.from(bytes))).toBe(true);
  });
});
