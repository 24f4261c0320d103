/** @file What an op is in TensorFlow.js's own. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { OpAttributes, OpType } from '../../models/index.js';
import type { Tfjs } from './load-tfjs.js';

/** The functions of TensorFlow.js, of whichever package was loaded. */
export type TfjsOp<K extends OpType> = (tf: Tfjs, inputs: readonly Tensor[], attributes: OpAttributes[K]) => readonly Tensor[];
export type TfjsOps<K extends OpType = OpType> = { readonly [T in K]: TfjsOp<T> };
