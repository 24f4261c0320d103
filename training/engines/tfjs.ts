/** @file The TensorFlow.js engine: our forward graph op by op, with TensorFlow.js's own gradients. Slow, and independent: it checks ours. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { buildClassifier, invariant, type TokenBatch } from '../../models/index.js';
import { DropoutMasks } from '../kernels/dropout-masks.js';
import type { OptimizerConfig } from '../optimizers/optimizer-config.js';
import { type LossGraph, lossGraph, type StepDefinition } from '../trainer/step.js';
import type { Engine, EngineState, LabelledBatch, NamedArrays } from './engine.js';
import { loadTfjs, type Tfjs } from './load-tfjs.js';
import { tfjsGraph, toTfjs } from './tfjs-graph.js';

import { TfjsState } from './tfjs-state.js';

export type TfjsEngineOptions = {
  readonly definition: StepDefinition;
  /** By parameter name, in the layout of the graph; every parameter. */
  readonly weights: NamedArrays;
  readonly optimizer: OptimizerConfig;
  /** Of the dropout masks. */
  readonly seed: number;
  /** Default: tfjs-node-gpu, else tfjs-node. */
  readonly tf?: Tfjs;
};

/** @throws UsageError `training/engine` when TensorFlow.js is not installed */
export async function createTfjsEngine({ definition, weights, optimizer, seed, tf: given }: TfjsEngineOptions): Promise<Engine> {
  const tf = given ?? (await loadTfjs());
  await tf.ready();
  const graph = lossGraph(definition);
  const training = tfjsGraph(tf, graph.classifier.builder.graph([graph.loss]));
  const { builder, logits } = buildClassifier(definition.architecture, { labels: definition.labels });
  const evaluation = tfjsGraph(tf, builder.graph([logits]));
  const masks = await DropoutMasks.create();
  const state = new TfjsState(tf, graph.classifier.parameters, graph.trained, weights);

  /** Loss and gradients of one batch; the caller disposes of them. */
  const differentiate = (batch: LabelledBatch, key: { step: number; part: number }): { value: Tensor; grads: Tensor[] } => {
    const names = [...graph.trained];
    const fed = [
      ...tokenFeeds(tf, batch),
      ['labels', tf.tensor1d(Int32Array.from(batch.labels, Number), 'int32')] as const,
      ...dropoutFeeds(tf, masks, graph, batch, { seed, ...key }),
    ];
    const all = new Map([...state.tensors('weights'), ...fed]);
    const loss = (...trained: Tensor[]): Tensor =>
      training.run(new Map([...all, ...names.map((name, i) => [name, trained[i]!] as const)]))[0]!;
    const { value, grads } = tf.valueAndGrads(loss as Parameters<Tfjs['valueAndGrads']>[0])(
      names.map((name) => state.tensors('weights').get(name)!),
    );
    tf.dispose(fed.map(([, tensor]) => tensor));
    return { value, grads };
  };

  return {
    name: 'tfjs',
    device: tf.getBackend(),
    async step(batches, { step, learningRate, emaDecay }) {
      const texts = batches.reduce((sum, { batch }) => sum + batch, 0);
      let loss = 0;
      let gradients: Tensor[] | undefined;
      for (const [part, batch] of batches.entries()) {
        const share = batch.batch / texts;
        const { value, grads } = differentiate(batch, { step, part });
        loss += share * (await value.data())[0]!;
        const before: Tensor[] | undefined = gradients;
        gradients = tf.tidy(() =>
          grads.map((gradient, i) => (before ? tf.add(before[i]!, tf.mul(gradient, share)) : tf.mul(gradient, share))),
        );
        tf.dispose([value, ...grads, ...(before ?? [])]);
      }
      invariant(gradients, 'tfjs: a step without a batch');
      const gradientNorm = await normOf(tf, gradients);
      const applied = Number.isFinite(loss) && Number.isFinite(gradientNorm);
      if (applied) state.update([...graph.trained], gradients, optimizer, { learningRate, emaDecay, gradientNorm });
      tf.dispose(gradients);
      return { loss, gradientNorm, applied };
    },
    async logits(batch, which) {
      const result = tf.tidy(() => evaluation.run(new Map([...state.tensors(which), ...tokenFeeds(tf, batch)]))[0]!);
      const data = await result.data();
      result.dispose();
      return Float32Array.from(data);
    },
    state: (): Promise<EngineState> => state.read(),
    async restore(saved: EngineState) {
      state.write(saved);
    },
    async dispose() {
      state.dispose();
      training.dispose();
      evaluation.dispose();
    },
  };
}

function tokenFeeds(tf: Tfjs, { batch, tokens, ids, mask, types }: TokenBatch): (readonly [string, Tensor])[] {
  return Object.entries({ input_ids: ids, attention_mask: mask, token_type_ids: types }).map(
    ([name, data]) => [name, toTfjs(tf, { type: 'int64', dims: [batch, tokens], data })] as const,
  );
}

function dropoutFeeds(
  tf: Tfjs,
  masks: DropoutMasks,
  { classifier }: LossGraph,
  { batch, tokens }: TokenBatch,
  key: { seed: number; step: number; part: number },
): (readonly [string, Tensor])[] {
  return Object.entries(masks.fill(classifier.masks, { batch, tokens }, key)).map(([name, tensor]) => [name, toTfjs(tf, tensor)] as const);
}

/** √Σ over all gradients. */
async function normOf(tf: Tfjs, gradients: readonly Tensor[]): Promise<number> {
  const norm = tf.tidy(() => tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient))))));
  const [value] = await norm.data();
  norm.dispose();
  return value!;
}
