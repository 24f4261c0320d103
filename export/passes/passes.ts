/** @file What is done to a graph before it is written, by precision: total, and in order. */
import type { Graph, Precision } from '../../models/index.js';
import { flattenRows } from './flatten-rows.js';
import { foldConstants } from './fold-constants.js';
import { foldScales } from './fold-scales.js';
import { halfFloats } from './half-floats.js';
import { narrowWeights } from './narrow-weights.js';
import { quantizeProducts } from './quantize-products.js';
import { quantizeTables } from './quantize-tables.js';
import { removeDeadCode } from './remove-dead-code.js';
import { removeTrainingNodes } from './remove-training-nodes.js';

export type PassOptions = {
  /** Names of weights, as the model was trained with them. */
  readonly weights: ReadonlySet<string>;
  /** Whether a layer stays in float32, by its name. Default: none does. */
  readonly keep?: (layer: string) => boolean;
};

type Pass = { readonly name: string; readonly apply: (graph: Graph, options: PassOptions) => Graph };

const trainingNodes: Pass = { name: 'remove-training-nodes', apply: removeTrainingNodes };
const deadCode: Pass = { name: 'remove-dead-code', apply: removeDeadCode };
const anyConstants: Pass = { name: 'fold-constants', apply: (graph) => foldConstants(graph) };
/** Explanations and personalisation look weights up in the fp32 file by name. */
const constantsButWeights: Pass = {
  name: 'fold-constants',
  apply: (graph, { weights }) => foldConstants(graph, { mayFold: ({ name }) => !weights.has(name) }),
};

const passesOf: { readonly [P in Precision]: readonly Pass[] } = {
  fp32: [trainingNodes, constantsButWeights, deadCode],
  int8: [
    trainingNodes,
    anyConstants,
    { name: 'fold-scales', apply: (graph) => foldScales(graph) },
    { name: 'flatten-rows', apply: flattenRows },
    { name: 'quantize-products', apply: quantizeProducts },
    { name: 'quantize-tables', apply: quantizeTables },
    { name: 'narrow-weights', apply: narrowWeights },
    deadCode,
  ],
  fp16: [trainingNodes, anyConstants, { name: 'half-floats', apply: halfFloats }, deadCode],
};

export type Passed = {
  readonly graph: Graph;
  /** Names of the passes that changed something, in order. */
  readonly changedBy: readonly string[];
};

export function applyPasses(graph: Graph, precision: Precision, options: PassOptions): Passed {
  const changedBy: string[] = [];
  const result = passesOf[precision].reduce((before, { name, apply }) => {
    const after = apply(before, options);
    if (isSame(before, after)) return before;
    changedBy.push(name);
    return after;
  }, graph);
  return { graph: result, changedBy };
}

const isSame = (a: Graph, b: Graph): boolean =>
  a.nodes.length === b.nodes.length && a.nodes.every((node, i) => node === b.nodes[i]) && a.inputs.length === b.inputs.length;
