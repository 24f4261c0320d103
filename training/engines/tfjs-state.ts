/** @file Weights, moments and averages as TensorFlow.js tensors, and their update. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { invariant, type Parameter, sizeOf } from '../../models/index.js';
import type { OptimizerConfig } from '../optimizers/optimizer-config.js';
import { parameterRates } from '../optimizers/parameter-rates.js';
import type { EngineState, NamedArrays } from './engine.js';
import type { Tfjs } from './load-tfjs.js';

const parts = ['weights', 'first', 'second', 'average'] as const;
type Part = (typeof parts)[number];
type Update = { readonly learningRate: number; readonly emaDecay: number | null; readonly gradientNorm: number };

export class TfjsState {
  readonly #tf: Tfjs;
  readonly #dims: ReadonlyMap<string, readonly number[]>;
  readonly #tensors: { readonly [P in Part]: Map<string, Tensor> };
  #updates = 0;

  constructor(tf: Tfjs, parameters: readonly Parameter[], trained: ReadonlySet<string>, weights: NamedArrays) {
    this.#tf = tf;
    this.#dims = new Map(parameters.map(({ value }) => [value.name, value.shape as readonly number[]]));
    this.#tensors = { weights: new Map(), first: new Map(), second: new Map(), average: new Map() };
    for (const [name, dims] of this.#dims) {
      const given = weights.get(name);
      invariant(given?.length === sizeOf(dims), `tfjs: ${name} has ${given?.length} weights for [${dims}]`);
      for (const part of ['weights', 'average'] as const) this.#set(part, name, given);
      if (trained.has(name)) for (const part of ['first', 'second'] as const) this.#set(part, name, new Float32Array(given.length));
    }
  }

  tensors(part: Part): ReadonlyMap<string, Tensor> {
    return this.#tensors[part];
  }

  /** AdamW or Adam with clipping and the moving average, in the order of operations of PyTorch. `gradients` are in the order of `names`. */
  update(names: readonly string[], gradients: readonly Tensor[], config: OptimizerConfig, step: Update): void {
    const tf = this.#tf;
    const { beta1, beta2, epsilon, clip } = config;
    const { learningRate, emaDecay, gradientNorm } = step;
    this.#updates += 1;
    const correction1 = 1 - beta1 ** this.#updates;
    const correction2 = 1 - beta2 ** this.#updates;
    const scale = clip > 0 ? Math.min(1, clip / (gradientNorm + 1e-6)) : 1;
    const { weights, first, second, average } = this.#tensors;
    const rates = parameterRates(
      [...this.#dims].map(([name, shape]) => ({ name, shape })),
      config,
    );
    names.forEach((name, i) => {
      const { rateFactor, weightDecay, gradientDecay } = rates.get(name)!;
      const rate = learningRate * rateFactor;
      const next = tf.tidy(() => {
        const gradient = tf.add(tf.mul(gradients[i]!, scale), tf.mul(weights.get(name)!, gradientDecay));
        const m = tf.add(tf.mul(first.get(name)!, beta1), tf.mul(gradient, 1 - beta1));
        const v = tf.add(tf.mul(second.get(name)!, beta2), tf.mul(tf.square(gradient), 1 - beta2));
        const denominator = tf.add(tf.div(tf.sqrt(v), Math.sqrt(correction2)), epsilon);
        const weight = tf.sub(tf.mul(weights.get(name)!, 1 - rate * weightDecay), tf.mul(tf.div(m, denominator), rate / correction1));
        const shadow = emaDecay === null ? tf.clone(weight) : tf.add(tf.mul(average.get(name)!, emaDecay), tf.mul(weight, 1 - emaDecay));
        return { weights: weight, first: m, second: v, average: shadow };
      });
      for (const part of parts) this.#replace(part, name, next[part]);
    });
  }

  async read(): Promise<EngineState> {
    const copy = async (part: Part): Promise<NamedArrays> =>
      new Map(
        await Promise.all([...this.#tensors[part]].map(async ([name, tensor]) => [name, Float32Array.from(await tensor.data())] as const)),
      );
    const [weights, first, second, average] = await Promise.all(parts.map(copy));
    return { weights: weights!, first: first!, second: second!, average: average!, updates: this.#updates };
  }

  write(state: EngineState): void {
    for (const part of parts) for (const name of this.#tensors[part].keys()) this.#set(part, name, state[part].get(name)!);
    this.#updates = state.updates;
  }

  dispose(): void {
    for (const part of parts) this.#tf.dispose([...this.#tensors[part].values()]);
  }

  #set(part: Part, name: string, data: Float32Array): void {
    this.#replace(part, name, this.#tf.tensor(data.slice(), [...this.#dims.get(name)!], 'float32'));
  }

  #replace(part: Part, name: string, tensor: Tensor): void {
    this.#tensors[part].get(name)?.dispose();
    this.#tensors[part].set(name, tensor);
  }
}
