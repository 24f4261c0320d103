/** @file AdamW (Loshchilov and Hutter 2017) and Adam with L2, with clipping and a moving average of the weights, as ordinary nodes. */
import { add, div, type GraphBuilder, mul, reduceSum, sqrt, sub, type Value } from '../../models/index.js';
import type { OptimizerConfig } from './optimizer-config.js';
import type { ParameterRate } from './parameter-rates.js';

/** Numbers that change from step to step, each []. */
export type StepScalars = {
  readonly learningRate: Value;
  /** 1 - beta^updates, for either moment. */
  readonly correction1: Value;
  readonly correction2: Value;
  /** What the gradient is multiplied by: `min(1, clip / norm)`. */
  readonly gradientScale: Value;
  /** 0 until the average starts. */
  readonly averageDecay: Value;
};

/** All of the parameter's shape. */
export type ParameterState = { readonly weight: Value; readonly first: Value; readonly second: Value; readonly average: Value };

/** The state of one parameter after one update, in the order of operations of PyTorch's AdamW and Adam. */
export function adamW(
  g: GraphBuilder,
  state: ParameterState,
  gradient: Value,
  scalars: StepScalars,
  config: Pick<OptimizerConfig, 'beta1' | 'beta2' | 'epsilon'>,
  { rateFactor, weightDecay, gradientDecay }: ParameterRate,
): ParameterState {
  const { beta1, beta2, epsilon } = config;
  const { correction1, correction2, gradientScale, averageDecay } = scalars;
  const learningRate = rateFactor === 1 ? scalars.learningRate : mul(g, scalars.learningRate, rateFactor);
  const clipped = mul(g, gradient, gradientScale);
  const whole = gradientDecay === 0 ? clipped : add(g, clipped, mul(g, state.weight, gradientDecay));
  const first = add(g, mul(g, state.first, beta1), mul(g, whole, 1 - beta1));
  const second = add(g, mul(g, state.second, beta2), mul(g, mul(g, whole, whole), 1 - beta2));
  const decayed = weightDecay === 0 ? state.weight : mul(g, state.weight, sub(g, 1, mul(g, learningRate, weightDecay)));
  const denominator = add(g, div(g, sqrt(g, second), sqrt(g, correction2)), epsilon);
  const weight = sub(g, decayed, mul(g, div(g, learningRate, correction1), div(g, first, denominator)));
  const average = add(g, mul(g, state.average, averageDecay), mul(g, weight, sub(g, 1, averageDecay)));
  return { weight, first, second, average };
}

/** The L2 norm of all gradients together: []. */
export const globalNorm = (g: GraphBuilder, gradients: readonly Value[]): Value =>
  sqrt(
    g,
    gradients.map((gradient) => sumOfSquares(g, gradient)).reduce((sum, one) => add(g, sum, one)),
  );

/** All but the last dim first: one sum over a whole table is slow, or worse, where columns can be summed side by side. */
function sumOfSquares(g: GraphBuilder, x: Value): Value {
  const columns = reduceSum(g, mul(g, x, x), { axes: x.shape.slice(1).map((_, i) => i) }); // [width]
  return reduceSum(g, columns, { axes: columns.shape.map((_, i) => i) });
}
