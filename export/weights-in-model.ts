/** @file Where the weights of a graph lie in a model file, so that another file can read them there. */
import { type ExternalTensor, type Parameter, storedAt, type Tensor, typeNumbers } from '../models/index.js';

/**
 * Each parameter that `model` holds in its own shape. A pass over the model may have joined or turned a weight: that one is left out.
 *
 * @param model the bytes of an `.onnx` file
 * @param location of that file, from the folder of the one that will read it
 */
export function placesInModel(model: Uint8Array, parameters: readonly Parameter[], location: string): ReadonlyMap<string, ExternalTensor> {
  const stored = storedAt(model);
  return new Map(
    parameters.flatMap(({ value }): (readonly [string, ExternalTensor])[] => {
      const at = stored.get(value.name);
      const dims = value.shape.map(Number);
      if (!at || at.dataType !== typeNumbers.float32 || at.dims.join() !== dims.join()) return [];
      return [[value.name, { type: 'float32', dims, location, offset: at.offset, length: at.length }]];
    }),
  );
}

/** What lies at such a place: a copy. */
export function readPlace(model: Uint8Array, { type, dims, offset, length }: ExternalTensor): Tensor {
  return { type, dims, data: new Float32Array(Uint8Array.from(model.subarray(offset, offset + length)).buffer) };
}
