import { sizeOf, type Tensor, type TensorData, type Value } from '../../models/index.js';
import { boundShape } from './bind-sizes.js';

/** Arrays that outputs of a graph are written into, one for each; kept from run to run, and grown where a run has more to write. */
export class OutputArrays {
  readonly #kept = new Map<string, TensorData>();

  /** Where `value` is to be written in a run of these sizes; undefined where its shape shows only once it is computed. */
  tensorFor({ name, shape, type }: Value, sizes: Readonly<Record<string, number>>): Tensor | undefined {
    const dims = boundShape(shape, sizes);
    const allocate = arrays[type];
    if (!dims || !allocate) return undefined;
    const size = sizeOf(dims);
    const kept = this.#kept.get(name);
    const whole = kept && kept.length >= size ? kept : allocate(size);
    this.#kept.set(name, whole);
    return { type, dims, data: whole.subarray(0, size) };
  }
}

/** Of the types that a step hands out: numbers, and ids of rows. */
const arrays: { readonly [T in Tensor['type']]?: (size: number) => TensorData } = {
  float32: (size) => new Float32Array(size),
  int64: (size) => new BigInt64Array(size),
};
