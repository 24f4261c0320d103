/**
 * @file Activations computed anew when the backward pass comes to them, in place of being held from the forward pass on (Chen et al. 2016).
 * What is held is what goes from one segment of the graph to the next; a segment is a layer of an encoder.
 */
import { add, type GraphBuilder, gather, mul, type Node, type Value } from '../../models/index.js';

/** The node as a gradient rule is to read it, in a pass from the last node to the first; `dy` is a gradient that has arrived there. */
export type Reading = (node: Node, dy: Value) => Node;

/** Every node as it is: its values are held. */
export const held: Reading = (node) => node;

/**
 * Nodes of layers as copies, written where the backward pass first comes to their layer.
 *
 * Nothing but order keeps a runtime from computing a copy at once, or from seeing that it has the value already. So a zero that is made of the
 * arriving gradient is added to what a layer reads: the copies are other values, and wait for the backward pass.
 */
export function recomputing(g: GraphBuilder, nodes: readonly Node[]): Reading {
  const segments = segmentsOf(nodes);
  const written = new Map<readonly Node[], ReadonlyMap<Node, Node>>();
  return (node, dy) => {
    const segment = segments.get(node);
    if (!segment) return node;
    const copies = written.get(segment) ?? copyOf(g, segment, nodes, dy);
    written.set(segment, copies);
    return copies.get(node)!;
  };
}

function copyOf(g: GraphBuilder, segment: readonly Node[], nodes: readonly Node[], dy: Value): ReadonlyMap<Node, Node> {
  const at = g.at(`grad/${layerOf(segment[0]!)}`);
  const first = dy.shape.reduce<Value>((value) => gather(at, value, at.constant(0, 'int64')), dy); // []
  const zero = mul(at, first, 0); // []
  const computed = new Set(nodes.flatMap(({ outputs }) => outputs.map(({ name }) => name)));
  const values = new Map<string, Value>();
  const read = (value: Value): Value => {
    const known = values.get(value.name);
    if (known || !computed.has(value.name) || value.type !== zero.type) return known ?? value;
    const late = add(at, value, zero);
    values.set(value.name, late);
    return late;
  };
  return new Map(
    segment.map((node) => {
      const path = node.name.slice(0, Math.max(0, node.name.lastIndexOf('/')));
      const inputs = node.inputs.map(read);
      const outputs = g.at(`again/${path}`).add(node.op, inputs, node.attributes);
      node.outputs.forEach(({ name }, i) => {
        values.set(name, outputs[i]!);
      });
      return [node, { ...node, inputs, outputs } as Node];
    }),
  );
}

/** For each node of a layer all nodes that were written with it. A layer that is written twice makes two segments. */
function segmentsOf(nodes: readonly Node[]): ReadonlyMap<Node, readonly Node[]> {
  const segments = new Map<Node, Node[]>();
  let open: { readonly layer: string; readonly segment: Node[] } | undefined;
  for (const node of nodes) {
    const layer = layerOf(node);
    if (layer === undefined) open = undefined;
    else {
      if (open?.layer !== layer) open = { layer, segment: [] };
      open.segment.push(node);
      segments.set(node, open.segment);
    }
  }
  return segments;
}

/** `bert.encoder.layer.3` of `bert.encoder.layer.3.output.dense/MatMul_69`; undefined outside of layers, and for nodes of a backward pass. */
const layerOf = ({ name }: Node): string | undefined => /^(?!grad\/|again\/)[^/]*?\b(?:layer|layers|h)\.\d+(?=[./])/.exec(name)?.[0];
