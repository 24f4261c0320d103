import type { Graph } from '../../models/index.js';
import { rewrite } from './rewrite.js';

/** Identities mark where the backward pass ends; answering needs none. One that gives an output its name stays. */
export function removeTrainingNodes(graph: Graph): Graph {
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  return rewrite(graph, ({ op, outputs: given }, inputs) => (op === 'Identity' && !outputs.has(given[0]!.name) ? [inputs[0]!] : undefined));
}
