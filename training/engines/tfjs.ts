/** @file The TensorFlow.js engine: our forward graph op by op, with TensorFlow.js's own gradients. Slow, and independent: it checks ours. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { invariant, type Tensors } from '../../models/index.js';
import { DropoutMasks } from '../kernels/dropout-masks.js';
import { bindSizes } from './bind-sizes.js';
import type { Engine, EngineOptions, EngineState, TrainingBatch } from './engine.js';
import { loadTfjs, type Tfjs } from './load-tfjs.js';
import { tfjsGraph } from './tfjs-graph.js';
import { toTfjs } from './tfjs-nodes.js';
import { TfjsState } from './tfjs-state.js';

export type TfjsEngineOptions = EngineOptions & {
  /** Default: tfjs-node-gpu, else tfjs-node. */
  readonly tf?: Tfjs;
};

/** @throws UsageError `training/engine` when TensorFlow.js is not installed */
export async function createTfjsEngine({ graphs, weights, optimizer, seed, tf: given }: TfjsEngineOptions): Promise<Engine> {
  const tf = given ?? (await loadTfjs());
  await tf.ready();
  const { training: graph, evaluation: measured } = graphs;
  const partNames = Object.keys(graph.parts);
  const forward = graph.builder.graph([graph.loss, ...Object.values(graph.parts)]);
  const training = tfjsGraph(tf, forward);
  const evaluation = tfjsGraph(tf, measured.builder.graph([measured.output]));
  const masks = await DropoutMasks.create();
  const state = new TfjsState(tf, graph.parameters, graph.trained, weights);

  /** Loss, parts and gradients of one batch; the caller disposes of them. */
  const differentiate = (
    { tensors }: TrainingBatch,
    key: { step: number; part: number },
  ): { value: Tensor; parts: readonly Tensor[]; grads: Tensor[] } => {
    const names = [...graph.trained];
    const fed = feedsOf(tf, { ...tensors, ...masks.fill(graph.masks, bindSizes(forward.inputs, tensors), { seed, ...key }) });
    const all = new Map([...state.tensors('weights'), ...fed]);
    let parts: readonly Tensor[] = [];
    const loss = (...trained: Tensor[]): Tensor => {
      const [value, ...rest] = training.run(new Map([...all, ...names.map((name, i) => [name, trained[i]!] as const)]));
      parts = rest.map((part) => tf.keep(part.clone()));
      return value!;
    };
    const { value, grads } = tf.valueAndGrads(loss as Parameters<Tfjs['valueAndGrads']>[0])(
      names.map((name) => state.tensors('weights').get(name)!),
    );
    tf.dispose(fed.map(([, tensor]) => tensor));
    return { value, parts, grads };
  };

  return {
    name: 'tfjs',
    device: tf.getBackend(),
    async step(batches, { step, learningRate, emaDecay }) {
      const all = batches.reduce((sum, { texts }) => sum + texts, 0);
      let loss = 0;
      const parts: Record<string, number> = Object.fromEntries(partNames.map((name) => [name, 0]));
      let gradients: Tensor[] | undefined;
      for (const [part, batch] of batches.entries()) {
        const share = batch.texts / all;
        const found = differentiate(batch, { step, part });
        loss += share * (await found.value.data())[0]!;
        for (const [i, name] of partNames.entries()) parts[name]! += share * (await found.parts[i]!.data())[0]!;
        const before: Tensor[] | undefined = gradients;
        gradients = tf.tidy(() =>
          found.grads.map((gradient, i) => (before ? tf.add(before[i]!, tf.mul(gradient, share)) : tf.mul(gradient, share))),
        );
        tf.dispose([found.value, ...found.parts, ...found.grads, ...(before ?? [])]);
      }
      invariant(gradients, 'tfjs: a step without a batch');
      const gradientNorm = await normOf(tf, gradients);
      const applied = Number.isFinite(loss) && Number.isFinite(gradientNorm);
      if (applied) state.update([...graph.trained], gradients, optimizer, { learningRate, emaDecay, gradientNorm });
      tf.dispose(gradients);
      return { loss, parts, gradientNorm, applied, overflowed: false };
    },
    async evaluate(tensors, which) {
      const fed = feedsOf(tf, tensors);
      const result = tf.tidy(() => evaluation.run(new Map([...state.tensors(which), ...fed]))[0]!);
      const data = await result.data();
      tf.dispose([result, ...fed.map(([, tensor]) => tensor)]);
      return Float32Array.from(data);
    },
    state: (): Promise<EngineState> => state.read(),
    average: async () => (await state.read()).average,
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

const feedsOf = (tf: Tfjs, tensors: Tensors): (readonly [string, Tensor])[] =>
  Object.entries(tensors).map(([name, tensor]) => [name, toTfjs(tf, tensor)] as const);

/** √Σ over all gradients. */
async function normOf(tf: Tfjs, gradients: readonly Tensor[]): Promise<number> {
  const norm = tf.tidy(() => tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient))))));
  const [value] = await norm.data();
  norm.dispose();
  return value!;
}
