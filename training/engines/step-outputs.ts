/** @file What the graph of a step computes, and where each of it is written. */
import type { Graph, Tensor, Tensors, Value } from '../../models/index.js';
import type { ParameterGradient } from '../autodiff/parameter-gradients.js';
import type { StepGraph } from '../objective/step-graph.js';
import type { OutputArrays } from './output-arrays.js';
import type { ParameterMemory } from './parameter-memory.js';

/** The numbers that a step tells: the loss, under no name, and its parts. */
export const named = ({ loss, parts }: StepGraph): readonly (readonly [string, Value])[] => [['', loss], ...Object.entries(parts)];

/** What the graph computes for a step; ids that are fed are known without it. */
export function outputsOf(graph: StepGraph, gradients: readonly ParameterGradient[]): readonly Value[] {
  const fed = new Set(graph.builder.inputs.map(({ name }) => name));
  const values = gradients.flatMap(({ parts }) =>
    parts.kind === 'dense' ? [parts.gradient] : parts.lookups.flatMap(({ ids, gradient }) => [ids, gradient]),
  );
  const all = [...named(graph).map(([, value]) => value), ...values].filter(({ name }) => !fed.has(name));
  return [...new Map(all.map((value) => [value.name, value])).values()];
}

type Places = {
  readonly gradients: readonly ParameterGradient[];
  readonly memory: ParameterMemory;
  readonly arrays: OutputArrays;
  /** Whether this is the first batch of its step. */
  readonly first: boolean;
  readonly sizes: Readonly<Record<string, number>>;
};

/**
 * Where each output is written: dense gradients of the first batch of a step straight to where the optimiser reads them. Null where only the
 * runtime can tell how large it is.
 */
export function placesOf({ outputs }: Graph, { gradients, memory, arrays, first, sizes }: Places): Record<string, Tensor | null> {
  const dense = new Map(gradients.flatMap(({ name, parts }) => (parts.kind === 'dense' ? [[parts.gradient.name, name]] : [])));
  return Object.fromEntries(
    outputs.map((value) => {
      const parameter = dense.get(value.name);
      return [value.name, first && parameter !== undefined ? memory.gradientTensor(parameter) : (arrays.tensorFor(value, sizes) ?? null)];
    }),
  );
}

export const allGiven = (outputs: Readonly<Record<string, Tensor | null>>): outputs is Tensors =>
  Object.values(outputs).every((output) => output !== null);
