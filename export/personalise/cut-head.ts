/** @file The head of a classifier, cut out of the architecture's own graph: what lies between its features and its logits. */
import {
  type ClassifierGraph,
  type GraphBuilder,
  invariant,
  type Node,
  numbersOf,
  type Parameter,
  type Value,
} from '../../models/index.js';

export type Head = {
  /** Of the features. */
  readonly width: number;
  readonly labels: number;
  /** Those that the head reads, in the order of the graph. */
  readonly parameters: readonly Parameter[];
  /**
   * Writes the head once more, into any graph.
   *
   *     features    [batch, width]
   *     parameters  by name, in the shapes of the graph
   *     returns     [batch, labels]
   */
  write(g: GraphBuilder, features: Value, parameters: ReadonlyMap<string, Value>): Value;
};

/** Nothing is written twice by hand, so a head of any architecture is cut: one layer or several, normalised or not. */
export function cutHead({
  builder,
  features,
  logits,
  parameters,
}: Pick<ClassifierGraph, 'builder' | 'features' | 'logits' | 'parameters'>): Head {
  const { nodes, reads } = nodesBetween(builder, features, logits);
  const own = parameters.filter(({ value }) => reads.has(value.name));
  const known = new Set([features.name, ...own.map(({ value }) => value.name)]);
  const other = builder.inputs.find(({ name }) => reads.has(name) && !known.has(name));
  invariant(!other, `head: it reads ${other?.name} past its features`);
  const [width, labels] = [features.shape[1], logits.shape[1]];
  invariant(typeof width === 'number' && typeof labels === 'number', `head: features [${features.shape}], logits [${logits.shape}]`);
  return {
    width,
    labels,
    parameters: own,
    write(g, given, weights) {
      const values = new Map<string, Value>([...weights, [features.name, given]]);
      for (const { op, inputs, attributes, outputs } of nodes) {
        const written = g.add(op, inputs.map((input) => values.get(input.name) ?? constantOf(g, input)), attributes); // biome-ignore format: one call
        for (const [i, { name }] of outputs.entries()) values.set(name, written[i]!);
      }
      return values.get(logits.name)!;
    },
  };
}

/** What must be computed for `to` once `from` is there, in order, and the names of all that it reads. */
function nodesBetween(builder: GraphBuilder, from: Value, to: Value): { nodes: readonly Node[]; reads: ReadonlySet<string> } {
  const reads = new Set([to.name]);
  const nodes: Node[] = [];
  for (const node of [...builder.nodes].reverse()) {
    if (!node.outputs.some(({ name }) => reads.has(name) && name !== from.name)) continue;
    nodes.push(node);
    for (const { name } of node.inputs) reads.add(name);
  }
  return { nodes: nodes.reverse(), reads };
}

/** Constants are numbered in each graph anew. */
function constantOf(g: GraphBuilder, { name, constant }: Value): Value {
  invariant(constant, `head: ${name} is neither a constant nor written before it is read`);
  return g.constant(numbersOf(constant), constant.type, constant.dims);
}
