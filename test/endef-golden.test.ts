import { beforeAll, describe, expect, test } from 'vitest';
import {
  add,
  fromStored,
  GraphBuilder,
  mul,
  Scope,
  sigmoid,
  type Tensor,
  tensorOf,
  toOnnx,
  type Value,
  type Weights,
} from '../models/index.js';
import { fixedFusion, learnedFusion } from '../models/layers/fusion.js';
import { mlp } from '../models/layers/mlp.js';
import { poolings } from '../models/layers/pooling.js';
import { textCnn } from '../models/layers/text-cnn.js';
import { createSession } from '../models/runtime/node.js';
import { differentiate } from '../training/autodiff/differentiate.js';
import { binaryCrossEntropy } from '../training/losses/binary-cross-entropy.js';
import { goldenCase, goldenTensors, relativeDifference } from './golden.js';

type Case = { readonly kernels: readonly number[]; readonly channels: number; readonly loss: number };
const width = 24;

describe('the parts of ENDEF against PyTorch', () => {
  let golden: { case: Case; model: Weights; tensors: Weights; gradients: Weights };
  beforeAll(async () => {
    const [model, tensors, gradients] = await Promise.all(
      ['model', 'case', 'grads'].map((part) => goldenTensors(`endef/${part}.safetensors`)),
    );
    golden = { case: goldenCase<Case>('endef'), model: model!, tensors: tensors!, gradients: gradients! };
  });
  /** Golden weights under our names: of an MLP the layer between and the last. */
  const named = (weights: Weights): Weights =>
    new Map(
      [...weights].map(([key, tensor]) => {
        const own = key
          .replace(/^att\./, 'attention_pool.')
          .replace('.net.0.', '.hidden.0.')
          .replace('.net.2.', '.');
        return [own.replace(/^[he]$/, (part) => `${part === 'h' ? 'content' : 'entity'}_states`), tensor];
      }),
    );

  function write() {
    const g = new GraphBuilder();
    const scope = Scope.root(g);
    const [h, e] = [g.input('content_states', ['batch', 'tokens', width]), g.input('entity_states', ['batch', 'entityTokens', width])];
    const [mask, entityMask] = [g.input('mask', ['batch', 'tokens'], 'int64'), g.input('entity_mask', ['batch', 'entityTokens'], 'int64')];
    const target = g.input('labels', ['batch', 1]);
    const { kernels, channels } = golden.case;
    const head = { widths: [16], outputs: 1, dropout: 0 };
    const pooled = poolings.attention(scope, { states: [h], mask, width, deviation: 0.02 });
    const content = mlp(scope.at('content'), pooled, { inputs: width, ...head });
    const features = textCnn(scope.at('cnn'), e, entityMask, { width, kernels, channels });
    const entity = mlp(scope.at('entity'), features, { inputs: kernels.length * channels, ...head });
    const fused = fixedFusion(scope, content, entity, 0.9);
    const loss = add(g, binaryCrossEntropy(g, { logits: fused, target }), mul(g, binaryCrossEntropy(g, { logits: entity, target }), 0.2));
    const trained = [...scope.parameters];
    const gated = learnedFusion(scope.at('gates'), [content, entity]);
    const served = sigmoid(g, content);
    const values = {
      pooled,
      content_logit: content,
      entity_features: features,
      entity_logit: entity,
      fused_logit: fused,
      gated_logit: gated,
      served_score: served,
    };
    return { g, scope, values, loss, trained, states: [h, e] };
  }

  async function run(outputs: (written: ReturnType<typeof write>) => readonly Value[]) {
    const written = write();
    const wanted = outputs(written);
    const session = await createSession(toOnnx(written.g.graph(wanted)));
    const { tensors } = golden;
    const { dims, data } = tensors.get('labels')!;
    const feeds: Record<string, Tensor> = {
      content_states: tensors.get('content_states')!,
      entity_states: tensors.get('entity_states')!,
      mask: tensors.get('mask')!,
      entity_mask: tensorOf('int64', [4, 12], new Array(48).fill(1)),
      labels: { type: 'float32', dims: [...dims, 1], data },
      ...Object.fromEntries(fromStored(written.scope.parameters, named(golden.model))),
    };
    const results = await session.run(Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]!])));
    await session.dispose();
    return { ...written, read: ({ name }: Value): Float32Array => results[name]!.data as Float32Array };
  }
  const expected = (name: string): Float32Array => golden.tensors.get(name)!.data as Float32Array;

  test('attention, text CNN, heads, both fusions and the score that is served', async () => {
    const { values, read } = await run(({ values }) => Object.values(values));
    for (const [name, value] of Object.entries(values)) expect(relativeDifference(read(value), expected(name)), name).toBeLessThan(1e-5);
  });

  test('the training loss and the gradients of states and weights', async () => {
    let gradients: readonly Value[] = [];
    const {
      g: _,
      loss,
      trained,
      states,
      read,
    } = await run(({ g, loss, trained, states }) => {
      gradients = differentiate(g, loss, [...states, ...trained.map(({ value }) => value)]);
      return [loss, ...gradients];
    });
    expect(read(loss)[0]! / golden.case.loss).toBeCloseTo(1, 5);
    const wanted = fromStored(
      [...states.map((value) => ({ value, init: { kind: 'zeros' as const }, transposed: false })), ...trained],
      named(golden.gradients),
    );
    const names = [...states, ...trained.map(({ value }) => value)].map(({ name }) => name);
    expect([...wanted.keys()].sort()).toEqual([...names].sort());
    for (const [i, name] of names.entries()) {
      const theirs = wanted.get(name)!.data as Float32Array;
      // The gradient of the bias of attention is zero but for rounding: softmax does not change when all scores of a row grow alike.
      if (name === 'attention_pool.bias') expect(Math.abs(read(gradients[i]!)[0]!)).toBeLessThan(1e-6);
      else expect(relativeDifference(read(gradients[i]!), theirs), name).toBeLessThan(1e-4);
    }
  });
});
