/** @file Weights as small integers with a scale for each row or column. */
import { type Tensor, tensorOf } from '../../models/index.js';

export type Rounded = {
  /** int8, of the shape of the weight. */
  readonly values: Tensor;
  /** float32, one for each group, in a shape that broadcasts to the weight. */
  readonly scales: Tensor;
};

/**
 * Symmetric: each group's largest value becomes `most` or `-most`.
 *
 * @param over the axis that a group runs along: 0 of [inputs, outputs] gives each output a scale
 * @param most 127, or less where the products of a machine would overflow
 */
export function roundWeights({ dims, data }: Tensor, { over, most }: { readonly over: number; readonly most: number }): Rounded {
  const axis = over < 0 ? over + dims.length : over;
  const inner = dims.slice(axis + 1).reduce((a, b) => a * b, 1);
  const size = dims[axis]!;
  const groups = data.length / size;
  const values = new Int8Array(data.length);
  const scales = new Float32Array(groups);
  for (let group = 0; group < groups; group++) {
    const start = Math.floor(group / inner) * size * inner + (group % inner);
    let top = 0;
    for (let i = 0; i < size; i++) top = Math.max(top, Math.abs(Number(data[start + i * inner])));
    const scale = Math.fround(top > 0 ? top / most : 1);
    scales[group] = scale;
    for (let i = 0; i < size; i++)
      values[start + i * inner] = Math.max(-most, Math.min(most, Math.round(Number(data[start + i * inner]) / scale)));
  }
  const kept = dims.map((dim, i) => (i === axis ? 1 : dim));
  return { values: { type: 'int8', dims, data: values }, scales: tensorOf('float32', kept, scales) };
}
