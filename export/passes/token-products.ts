/** @file Which weights matter to speed and size: those of products that are done for every token, and large tables. */
import type { Node, Tensor, Value } from '../../models/index.js';

/** Below this many values a weight is not worth a scale: it is little to read, and its product is done before the scales would be. */
export const leastValues = 4096;

/** A weight, and where it stands among the inputs. */
export type Weight = Value & { readonly constant: Tensor };

/** What a weight is called by people: `encoder.layer.0.output.dense` of `encoder.layer.0.output.dense.weight`. */
export const layerOf = ({ name }: Pick<Value, 'name'>): string => name.replace(/\.weight$/, '');

/** A matrix of floats, large enough. */
export const isLargeMatrix = (value: Value | undefined): value is Weight =>
  value?.constant?.type === 'float32' && value.constant.dims.length === 2 && value.constant.data.length >= leastValues;

/** Whether a value has several rows a text. What has one, as the vector that a head reads, is small beside the rest, and an answer is read off it at once. */
export const isPerToken = ({ shape }: Pick<Value, 'shape'>): boolean =>
  shape.slice(0, -1).some((dim) => typeof dim === 'string' && dim !== 'batch');

/** The weight of a product that is done for every token, else undefined. */
export function tokenProduct({ op }: Pick<Node, 'op'>, [x, weight]: readonly Value[]): Weight | undefined {
  return op === 'MatMul' && isLargeMatrix(weight) && isPerToken(x!) ? weight : undefined;
}
