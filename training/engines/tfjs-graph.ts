/** @file A graph run node by node on TensorFlow.js. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { type Graph, invariant, type Node, type OpType, type Tensor as OurTensor, type Value } from '../../models/index.js';
import type { Tfjs } from './load-tfjs.js';
import { type TfjsOp, tfjsOps, tfjsTypes } from './tfjs-ops.js';

export type TfjsGraph = {
  /** Runs the graph. The tensors of every step stay until the caller's `tf.tidy` ends; those of `feeds` are the caller's. */
  run(feeds: ReadonlyMap<string, Tensor>): readonly Tensor[];
  dispose(): void;
};

/** @returns a runner that gives `graph.outputs` in order */
export function tfjsGraph(tf: Tfjs, graph: Graph): TfjsGraph {
  const constants = new Map<string, Tensor>();
  for (const value of graph.nodes.flatMap(({ inputs }) => inputs as readonly Value[])) {
    if (value.constant && !constants.has(value.name)) constants.set(value.name, tf.keep(toTfjs(tf, value.constant)));
  }
  return {
    run(feeds) {
      const values = new Map([...constants, ...feeds]);
      const tensorOf = ({ name }: Value): Tensor => {
        const tensor = values.get(name);
        invariant(tensor, `tfjs: ${name} is not fed`);
        return tensor;
      };
      for (const { op, inputs, attributes, outputs } of graph.nodes as readonly Node<OpType>[]) {
        const results = (tfjsOps[op] as TfjsOp<OpType>)(tf, inputs.map(tensorOf), attributes);
        outputs.forEach(({ name }, i) => {
          if (results[i]) values.set(name, results[i]);
        });
      }
      return graph.outputs.map(tensorOf);
    },
    dispose: () => tf.dispose([...constants.values()]),
  };
}

/** A copy: TensorFlow.js keeps the array it is given, ours may be views of a memory that changes. */
export function toTfjs(tf: Tfjs, { type, dims, data }: OurTensor): Tensor {
  const dtype = tfjsTypes[type];
  const values =
    dtype === 'float32' ? Float32Array.from(data as ArrayLike<number>) : Int32Array.from(data as ArrayLike<number | bigint>, toInt32);
  return tf.tensor(dtype === 'bool' ? Uint8Array.from(values) : values, [...dims], dtype);
}

/** Bounds such as "to the end" are written as the largest 64-bit number. */
const toInt32 = (x: number | bigint): number => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Number(x)));
