/** @file A graph written anew, node by node: what every pass that replaces nodes is made of. */
import { type Graph, inferOutputs, type Node, type OpAttributes, type OpType, type Tensor, type Value } from '../../models/index.js';

/** Adds a node called `name`, which is also what its first output is called. Returns that output. */
export type Emit = <K extends OpType>(op: K, name: string, inputs: readonly Value[], attributes: OpAttributes[K]) => Value;

/** @param inputs what stands for the inputs of `node` by now
 *  @returns what stands for its outputs from here on; or `reads`: it stays, over these inputs; undefined: it stays, over `inputs` */
export type Rule = (
  node: Node,
  inputs: readonly Value[],
  emit: Emit,
) => readonly Value[] | { readonly reads: readonly Value[] } | undefined;

/** The graph with `rule` applied to each node in turn. Names, shapes and types of what it leaves alone stay right. */
export function rewrite(graph: Graph, rule: Rule): Graph {
  const standIns = new Map<string, Value>();
  const nodes: Node[] = [];
  const read = (value: Value): Value => standIns.get(value.name) ?? value;
  const emit: Emit = (op, name, inputs, attributes) => {
    const outputs = inferOutputs(op, name, inputs, attributes).map(
      (output, i): Value => ({ name: i === 0 ? name : `${name}:${i}`, ...output }),
    );
    nodes.push({ op, name, inputs, attributes, outputs } as unknown as Node);
    return outputs[0]!;
  };
  for (const node of graph.nodes) {
    const given = node.inputs.map(read);
    const done = rule(node, given, emit) ?? { reads: given };
    if (!('reads' in done)) {
      for (const [i, value] of done.entries()) standIns.set(node.outputs[i]!.name, value);
      continue;
    }
    const { reads: inputs } = done;
    const kept = inputs.every((input, i) => input === node.inputs[i]) ? node : reread(node, inputs);
    nodes.push(kept);
    if (kept !== node) for (const output of kept.outputs) standIns.set(output.name, output);
  }
  return { nodes, inputs: graph.inputs, outputs: graph.outputs.map(read) };
}

/** The same node over other inputs; its outputs keep their names. */
export function reread(node: Node, inputs: readonly Value[]): Node {
  const inferred = inferOutputs(node.op, node.name, inputs, node.attributes as OpAttributes[OpType]);
  return { ...node, inputs, outputs: node.outputs.map(({ name }, i): Value => ({ name, ...inferred[i]! })) } as unknown as Node;
}

/** A value whose content is known. */
export const constantValue = (name: string, constant: Tensor): Value => ({ name, shape: constant.dims, type: constant.type, constant });
