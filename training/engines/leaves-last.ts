import type { Graph } from '../../models/index.js';

/**
 * The same graph with the nodes that nothing else reads at its end, the last written first in the order of the file.
 *
 * ONNX Runtime carries a graph out depth first, from the last of these nodes to the first. As a backward pass is written, the gradient of the
 * lowest layer comes last: the runtime would walk all the way down to it before it made any gradient of a weight, with the activations of every
 * layer held. In this order the gradients of a layer's weights are made as soon as what they need is there, and its activations are let go.
 */
export function leavesLast({ nodes, inputs, outputs }: Graph): Graph {
  const read = new Set(nodes.flatMap((node) => node.inputs.map(({ name }) => name)));
  const isLeaf = ({ outputs: own }: Graph['nodes'][number]): boolean => !own.some(({ name }) => read.has(name));
  return { nodes: [...nodes.filter((node) => !isLeaf(node)), ...nodes.filter(isLeaf).reverse()], inputs, outputs };
}
