/** @file A graph run node by node on TensorFlow.js. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Graph, Value } from '../../models/index.js';
import type { Tfjs } from './load-tfjs.js';
import { runNodes, toTfjs } from './tfjs-nodes.js';
import { tfjsOps } from './tfjs-ops.js';

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
      const { find } = runNodes(tf, tfjsOps, graph.nodes, new Map([...constants, ...feeds]));
      return graph.outputs.map(find);
    },
    dispose: () => tf.dispose([...constants.values()]),
  };
}
