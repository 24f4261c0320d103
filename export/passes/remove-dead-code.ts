import type { Graph, Node } from '../../models/index.js';

/** Nodes that no output needs are left out, and inputs that nothing reads with them. Order stays. */
export function removeDeadCode({ nodes, inputs, outputs }: Graph): Graph {
  const needed = new Set(outputs.map(({ name }) => name));
  const kept: Node[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some(({ name }) => needed.has(name))) continue;
    kept.push(node);
    for (const { name } of node.inputs) needed.add(name);
  }
  return { nodes: kept.reverse(), inputs: inputs.filter(({ name }) => needed.has(name)), outputs };
}
