import type { GraphBuilder } from '../builder.js';
import type { Value } from '../graph.js';

/** The slices of `x` along `axis` that `indices` name: rows of a table for axis 0. */
export const gather = (g: GraphBuilder, x: Value, indices: Value, axis = 0): Value => g.add('Gather', [x, indices], { axis })[0]!;

export const gatherElements = (g: GraphBuilder, x: Value, indices: Value, axis: number): Value =>
  g.add('GatherElements', [x, indices], { axis })[0]!;

/** `x` with `updates` added at `indices` along `axis`; an index may come any number of times. */
export const scatterAdd = (g: GraphBuilder, x: Value, indices: Value, updates: Value, axis: number): Value =>
  g.add('ScatterElements', [x, indices, updates], { axis, reduction: 'add' })[0]!;
