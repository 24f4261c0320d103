/** @file What is trained: a graph that ends in one loss, its parameters, and which of them the loss may change. */
import type { DropoutMask, GraphBuilder, Parameter, Value } from '../../models/index.js';
import { differentiableFrom } from '../autodiff/differentiable-from.js';

export type StepGraph = {
  readonly builder: GraphBuilder;
  readonly parameters: readonly Parameter[];
  /** Those that the loss depends on. */
  readonly masks: readonly DropoutMask[];
  /** [] */
  readonly loss: Value;
  /** What the loss is the weighted sum of, [] each and before their weights; empty where it is one thing. */
  readonly parts: Readonly<Record<string, Value>>;
  /** Parameters to be updated, by name. */
  readonly trained: ReadonlySet<string>;
};

/** A loss with what it depends on; parameters that it does not reach are not trained. */
export function stepGraph(
  graph: Omit<StepGraph, 'trained'>,
  /** Whether a parameter is trained, by name; the others stay as they are. Default: all. */
  trained: (name: string) => boolean = () => true,
): StepGraph {
  const used = new Set(graph.builder.graph([graph.loss]).inputs.map(({ name }) => name));
  const reached = differentiableFrom(graph.builder, graph.loss);
  const names = graph.parameters.map(({ value }) => value.name).filter((name) => reached.has(name) && trained(name));
  return { ...graph, masks: graph.masks.filter(({ value }) => used.has(value.name)), trained: new Set(names) };
}
