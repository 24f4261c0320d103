/** @file Batches of few shapes. XLA compiles a step for each shape that it meets, which takes seconds: so texts are padded to one of few lengths. */
import { type Tensor, type Tensors, type Value, zeros } from '../../../models/index.js';
import type { BatchShape } from '../engine.js';

/** Named dims along which zeros, or `padId`, may be added: tokens that the mask beside them tells to pass over. */
type Plan = { readonly tokens: ReadonlySet<string>; readonly rows: ReadonlySet<string> };

/**
 * @param inputs what is fed, parameters not among them
 * @param masks  names of those that are dropout masks
 * @returns `undefined` where shapes cannot be made few: some input has a dim of its own that changes from batch to batch
 */
export function planShapes(inputs: readonly Value[], masks: ReadonlySet<string>): Plan | undefined {
  const texts = inputs.filter(isText);
  const rows = new Set(texts.map(({ shape }) => String(shape[0])));
  const tokens = new Set(texts.map(({ shape }) => String(shape[1])));
  const open = inputs
    .filter((input) => !isText(input))
    .flatMap(({ name, shape }) =>
      shape.filter((dim) => typeof dim === 'string' && !rows.has(dim) && !(masks.has(name) && tokens.has(dim))),
    );
  return open.length === 0 ? { tokens, rows } : undefined;
}

/** The length that `tokens` are padded to: a multiple of 8 up to 32, then one of two for each doubling (48, 64, 96, 128, …). */
export function evenLength(tokens: number, longest: number): number {
  const half = 2 ** Math.floor(Math.log2(Math.max(1, tokens - 1)));
  const even = tokens <= 32 ? Math.ceil(tokens / 8) * 8 : tokens <= 1.5 * half ? 1.5 * half : 2 * half;
  return Math.max(tokens, Math.min(even, longest));
}

/** `feeds` with every text, and every mask over one, as long as `evenLength` says. */
export function evened(inputs: readonly Value[], feeds: Tensors, { tokens }: Plan, { longest, padId }: BatchShape): Tensors {
  return Object.fromEntries(
    inputs.flatMap((input) => {
      const tensor = feeds[input.name];
      if (!tensor) return [];
      const dims = tensor.dims.map((size, i) => (tokens.has(String(input.shape[i])) ? evenLength(size, longest) : size));
      return [[input.name, padded(tensor, dims, isIds(input.name) ? padId : 0)]];
    }),
  );
}

const isText = ({ name, shape, type }: Value): boolean =>
  type === 'int64' && shape.length === 2 && shape.every((dim) => typeof dim === 'string') && /_(ids|mask|types)$/.test(name);
const isIds = (name: string): boolean => name.endsWith('_ids') && name !== 'token_type_ids';

/** Put at the start of each dim of a tensor of size `dims` that is otherwise filled with `fill`. */
export function padded(tensor: Tensor, dims: readonly number[], fill: number): Tensor {
  if (dims.join() === tensor.dims.join()) return tensor;
  const whole = zeros(tensor.type, dims);
  if (fill !== 0) (whole.data as BigInt64Array).fill(BigInt(fill));
  copyRows(tensor, whole, { depth: 0, from: 0, to: 0 });
  return whole;
}

type Place = { readonly depth: number; readonly from: number; readonly to: number };

/** All that lies under one index of each dim up to `depth`, which starts at `from` and goes to `to`. */
function copyRows(source: Tensor, target: Tensor, { depth, from, to }: Place): void {
  const [width, wide] = [source, target].map(({ dims }) => dims.slice(depth + 1).reduce((a, b) => a * b, 1)) as [number, number];
  if (width === wide) {
    const size = width * source.dims[depth]!;
    target.data.set(source.data.subarray(from, from + size) as never, to);
    return;
  }
  for (let i = 0; i < source.dims[depth]!; i++) copyRows(source, target, { depth: depth + 1, from: from + i * width, to: to + i * wide });
}
