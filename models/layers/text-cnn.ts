import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/graph.js';
import { add, cast, greater, max, mul, sub, where } from '../graph/ops/elementwise.js';
import { concat, fillLike, pad, reshape, split, transpose, unsqueeze } from '../graph/ops/layout.js';
import { matMul } from '../graph/ops/matmul.js';
import { cumSum } from '../graph/ops/recurrent.js';
import { reduceMax, reduceSum } from '../graph/ops/reduction.js';
import type { Scope } from './scope.js';

export type TextCnnOptions = {
  readonly width: number;
  /** Tokens that each convolution sees at once. */
  readonly kernels: readonly number[];
  /** Features of each. */
  readonly channels: number;
};

/**
 * Convolutions over tokens without activation, and the largest value of each over the text. A window lies wholly within its text; a text
 * shorter than a window is filled up with zeros to that one window. So padding has no say.
 *
 *     x                     [batch, tokens, width]
 *     mask                  [batch, tokens] int64, 1 for tokens and 0 for the padding that follows them
 *     0.weight, 0.bias, …   [channels, width, kernel] and [channels], one a kernel, as PyTorch's `nn.Conv1d`
 *     returns               [batch, kernels * channels]
 */
export function textCnn(scope: Scope, x: Value, mask: Value, { width, kernels, channels }: TextCnnOptions): Value {
  const g = scope.graph;
  const states = mul(g, x, unsqueeze(g, cast(g, mask, x.type), [2])); // [batch, tokens, width], 0 at padding
  const place = cumSum(g, fillLike(g, mask, 1), { axis: 1, exclusive: true }); // [batch, tokens]: 0, 1, 2, …
  const length = reduceSum(g, mask, { axes: [1], keepdims: true }); // [batch, 1]
  const features = kernels.map((kernel, i) => {
    const own = scope.at(String(i));
    const weight = own.parameter('weight', [channels, width, kernel], { kind: 'normal', deviation: 1 / Math.sqrt(3 * width * kernel) });
    const bias = own.parameter('bias', [channels], { kind: 'zeros' });
    const y = add(g, convolve(g, states, weight), bias); // [batch, tokens, channels]
    const beyond = greater(g, place, max(g, sub(g, length, kernel), 0)); // [batch, tokens]: the window that begins here leaves the text
    return reduceMax(g, where(g, unsqueeze(g, beyond, [2]), -10_000, y), { axes: [1] }); // [batch, channels]
  });
  return concat(g, features, 1);
}

/** For each token the window that begins with it: Σ_j x[t + j] · weight[j], zeros following the last token. */
function convolve(g: GraphBuilder, x: Value, weight: Value): Value {
  const [channels, width, kernel] = weight.shape as readonly [number, number, number];
  const byPlace = reshape(g, transpose(g, weight, [1, 2, 0]), [width, kernel * channels]);
  const products = matMul(g, x, byPlace); // [batch, tokens, kernel * channels]
  if (kernel === 1) return products;
  const followed = pad(g, products, { 1: [0, kernel - 1] }); // [batch, tokens + kernel - 1, kernel * channels]
  return split(g, followed, { axis: 2, parts: kernel })
    .map((product, j) => pad(g, product, { 1: [-j, j + 1 - kernel] })) // [batch, tokens, channels], moved forward by j
    .reduce((sum, product) => add(g, sum, product));
}
