/** @file Index arithmetic over row-major arrays. */

import { sizeOf } from '../tensor.js';
import type { Numbers } from './evaluation.js';

export const empty = (dims: readonly number[]): Numbers => ({ dims, data: new Float64Array(sizeOf(dims)) });

/** Elements to step for each dim. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length).fill(1);
  for (let i = dims.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * dims[i + 1]!;
  return strides;
}

/** Calls `visit` with each index of `dims`, in row-major order, and its position. The index array is reused. */
export function eachIndex(dims: readonly number[], visit: (index: readonly number[], position: number) => void): void {
  const index = new Array<number>(dims.length).fill(0);
  const size = sizeOf(dims);
  for (let position = 0; position < size; position++) {
    visit(index, position);
    for (let i = dims.length - 1; i >= 0; i--) {
      index[i]! += 1;
      if (index[i]! < dims[i]!) break;
      index[i] = 0;
    }
  }
}

/** The position in an array of `dims` that broadcasting reads for `index` of the result. */
export function broadcastPosition(index: readonly number[], dims: readonly number[], strides: readonly number[]): number {
  const extra = index.length - dims.length;
  let position = 0;
  for (let i = 0; i < dims.length; i++) if (dims[i] !== 1) position += index[i + extra]! * strides[i]!;
  return position;
}

export function broadcastDims(...all: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...all.map((dims) => dims.length));
  return Array.from({ length: rank }, (_, i) => all.reduce((size, dims) => Math.max(size, dims[i - rank + dims.length] ?? 1), 0));
}

/** The dims before `axis`, at it, and after it, each multiplied out. */
export function around(dims: readonly number[], axis: number): { outer: number; size: number; inner: number } {
  const at = axis < 0 ? axis + dims.length : axis;
  return { outer: sizeOf(dims.slice(0, at)), size: dims[at]!, inner: sizeOf(dims.slice(at + 1)) };
}
