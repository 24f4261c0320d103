/** @file What a reference is: the numbers that an op gives for numbers. */
import type { OpAttributes, OpType } from '../graph.js';

/** A dense array of numbers, whatever the type in the graph. */
export type Numbers = { readonly dims: readonly number[]; readonly data: Float64Array };
export type Evaluation<K extends OpType> = (inputs: readonly Numbers[], attributes: OpAttributes[K]) => readonly Numbers[];
export type Evaluations<K extends OpType = OpType> = { readonly [T in K]: Evaluation<T> };
