import type { Tensors, Value } from '../../models/index.js';

/** What the named dims of `inputs` are in the tensors fed: `{ batch: 32, tokens: 57 }`. */
export function bindSizes(inputs: readonly Value[], tensors: Tensors): Readonly<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const { name, shape } of inputs) {
    const dims = tensors[name]?.dims;
    if (dims) for (const [i, dim] of shape.entries()) if (typeof dim === 'string') sizes[dim] = dims[i]!;
  }
  return sizes;
}
