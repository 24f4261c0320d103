/** @file What a shape rule is: what a node gives, from what it is given, or why it cannot be. */
import type { ErrorCode } from '../../errors.js';
import type { OpAttributes, OpType, Value } from '../graph.js';

export type Inferred = Pick<Value, 'shape' | 'type' | 'holds'>;
/** Reports a node that cannot be: what is wrong with which shapes, and what to do. */
export type Fail = (code: Extract<ErrorCode, `graph/${string}`>, what: string, fix: string) => never;
export type InferRule<K extends OpType> = (inputs: readonly Value[], attributes: OpAttributes[K], fail: Fail) => readonly Inferred[];
export type InferRules<K extends OpType = OpType> = { readonly [T in K]: InferRule<T> };

/** `x is float32 [batch,3]`, for messages. */
export const describe = ({ name, shape, type }: Value): string => `${name} is ${type} [${shape}]`;
