/** @file Gradients by rule against central differences, in float64 by the reference evaluator. For tests. */
import {
  GraphBuilder as Builder,
  evaluate,
  type GraphBuilder,
  mul,
  type Numbers,
  reduceSum,
  sizeOf,
  type Value,
} from '../../models/index.js';
import { differentiate } from './differentiate.js';

export type GradCase = {
  /** Sizes that named dims take. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** The values to differentiate by, by name: their shape and, where the op asks for it, a range to draw from (default -1.5 to 1.5). */
  readonly inputs: Readonly<
    Record<string, { readonly shape: readonly (number | string)[]; readonly low?: number; readonly high?: number }>
  >;
  readonly build: (g: GraphBuilder, values: Readonly<Record<string, Value>>) => Value;
};

/** A case written down: its weighted sum, the gradients of that by rule, and values to run it with. */
export type GradProblem = {
  readonly names: readonly string[];
  readonly values: readonly Value[];
  readonly loss: Value;
  readonly gradients: readonly Value[];
  readonly builder: GraphBuilder;
  readonly feeds: ReadonlyMap<string, Numbers>;
};

export function gradProblem({ sizes = {}, inputs, build }: GradCase, float: GraphBuilder['float'] = 'float64'): GradProblem {
  const builder = new Builder({ float });
  const names = Object.keys(inputs);
  const byName = Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, builder.input(name, shape)]));
  const values = names.map((name) => byName[name]!);
  const y = build(builder, byName);
  // Weighted by fixed unlike numbers, so that no two elements of y can stand for each other.
  const weight = builder.input('weight', y.shape);
  const weighted = mul(builder, y, weight);
  const loss = y.shape.length === 0 ? weighted : reduceSum(builder, weighted, { axes: y.shape.map((_, i) => i) });
  const gradients = differentiate(builder, loss, values);

  const random = sequence(1);
  const sizeBy = (dim: number | string): number =>
    typeof dim === 'number' ? dim : dim.split('*').reduce((n, name) => n * (sizes[name] ?? Number(name)), 1);
  const draw = (shape: readonly (number | string)[], low = -1.5, high = 1.5): Numbers => {
    const dims = shape.map(sizeBy);
    return { dims, data: Float64Array.from({ length: sizeOf(dims) }, () => low + (high - low) * random()) };
  };
  const feeds = new Map(Object.entries(inputs).map(([name, { shape, low, high }]) => [name, draw(shape, low, high)]));
  feeds.set('weight', draw(y.shape));
  return { names, values, loss, gradients, builder, feeds };
}

/** The largest difference between rule and central difference, relative to the largest entry of each gradient. */
export function gradCheck(gradCase: GradCase): number {
  const { names, loss, gradients, builder, feeds } = gradProblem(gradCase);
  const forward = builder.graph([loss]);
  const byRule = evaluate(builder.graph([loss, ...gradients]), feeds);
  const lossAt = () => evaluate(forward, feeds).get(loss.name)!.data[0]!;
  let worst = 0;
  names.forEach((name, n) => {
    const { data } = feeds.get(name)!;
    const rule = byRule.get(gradients[n]!.name)!.data;
    if (rule.length !== data.length)
      throw new Error(`gradCheck: the gradient of ${name} has ${rule.length} elements, ${name} has ${data.length}`);
    const scale = Math.max(1e-3, ...rule.map(Math.abs));
    for (let i = 0; i < data.length; i++) {
      const [x, step] = [data[i]!, 1e-5];
      data[i] = x + step;
      const above = lossAt();
      data[i] = x - step;
      const below = lossAt();
      data[i] = x;
      worst = Math.max(worst, Math.abs((above - below) / (2 * step) - rule[i]!) / scale);
    }
  });
  return worst;
}

/** Numbers in 0..1, the same at each run (Park and Miller's minimal generator). */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
