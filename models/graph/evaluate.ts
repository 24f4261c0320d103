/** @file What each op means, in float64 and plain loops: the reference that rules and runtimes are tested against. Slow, and meant to be. */

import { elementwise } from './evaluate/elementwise.js';
import type { Evaluation, Evaluations, Numbers } from './evaluate/evaluation.js';
import { indexing } from './evaluate/indexing.js';
import { layout } from './evaluate/layout.js';
import { matmul } from './evaluate/matmul.js';
import { normalization } from './evaluate/normalization.js';
import { quantization } from './evaluate/quantization.js';
import { recurrent } from './evaluate/recurrent.js';
import { reduction } from './evaluate/reduction.js';
import type { Graph, Node, OpType, Value } from './graph.js';
import { numbersOf } from './tensor.js';

const evaluations: Evaluations = {
  ...elementwise,
  ...matmul,
  ...quantization,
  ...layout,
  ...indexing,
  ...reduction,
  ...normalization,
  ...recurrent(evaluate),
};

/** Runs `graph` on `feeds` and returns its outputs by name. */
export function evaluate(graph: Graph, feeds: ReadonlyMap<string, Numbers>): ReadonlyMap<string, Numbers> {
  const values = new Map(feeds);
  const read = ({ name, constant }: Value): Numbers =>
    constant ? { dims: constant.dims, data: Float64Array.from(numbersOf(constant)) } : values.get(name)!;
  for (const { op, inputs, attributes, outputs } of graph.nodes as readonly Node<OpType>[]) {
    const results = (evaluations[op] as Evaluation<OpType>)(inputs.map(read), attributes);
    outputs.forEach(({ name }, i) => {
      if (results[i]) values.set(name, results[i]);
    });
  }
  return new Map(graph.outputs.map((value) => [value.name, read(value)]));
}
