import type { Shape, Tensors, Value } from '../../models/index.js';

/** What the named dims of `inputs` are in the tensors fed: `{ batch: 32, tokens: 57 }`. */
export function bindSizes(inputs: readonly Value[], tensors: Tensors): Readonly<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const { name, shape } of inputs) {
    const dims = tensors[name]?.dims;
    if (dims) for (const [i, dim] of shape.entries()) if (typeof dim === 'string') sizes[dim] = dims[i]!;
  }
  return sizes;
}

/** A shape in numbers; undefined where it has a dim that nothing fed tells. `batch*tokens` is a product of named ones. */
export function boundShape(shape: Shape, sizes: Readonly<Record<string, number>>): readonly number[] | undefined {
  const dims = shape.map((dim) =>
    typeof dim === 'number'
      ? dim
      : (sizes[dim] ?? dim.split('*').reduce((size, name) => size * (sizes[name] ?? (Number(name) || Number.NaN)), 1)),
  );
  return dims.some(Number.isNaN) ? undefined : dims;
}
