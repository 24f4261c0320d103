/** @file The gradient of the loss by each trained parameter: all of it, or only the rows that were looked up. */
import type { Value } from '../../models/index.js';
import type { StepGraph } from '../objective/step-graph.js';
import { differentiableFrom } from './differentiable-from.js';
import { type DifferentiateOptions, differentiate } from './differentiate.js';

/** The gradient of a parameter: dense, or, for a table that is only looked up in, one row for each look-up. */
export type ParameterGradient = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly parts:
    | { readonly kind: 'dense'; readonly gradient: Value }
    /** `gradient` [...ids, width]: what to add to the rows that `ids` names; a row may be named any number of times. */
    | { readonly kind: 'rows'; readonly lookups: readonly { readonly ids: Value; readonly gradient: Value }[] };
};

/** Appends the backward pass. Tables get the gradient of what was looked up, which spares a pass over rows that no text of the batch uses. */
export function gradientsOf(
  { builder, parameters, loss, trained }: StepGraph,
  options: DifferentiateOptions = {},
): readonly ParameterGradient[] {
  const nodes = builder.graph([loss]).nodes;
  const reached = differentiableFrom(builder, loss);
  const plans = parameters
    .filter(({ value }) => trained.has(value.name))
    .map(({ value }) => {
      // What reads it behind a stopped gradient has no part in it. A table that is also read otherwise gets a dense gradient.
      const users = nodes.filter(
        ({ inputs, outputs }) => inputs.some(({ name }) => name === value.name) && outputs.some(({ name }) => reached.has(name)),
      );
      const lookups = users.filter(
        ({ op, attributes, inputs }) => op === 'Gather' && attributes.axis === 0 && inputs[1]!.name !== value.name,
      );
      return { value, lookups: lookups.length === users.length ? lookups : [] };
    });
  const wrt = plans.flatMap(({ value, lookups }) => (lookups.length > 0 ? lookups.map(({ outputs }) => outputs[0]!) : [value]));
  const gradients = [...differentiate(builder, loss, wrt, options)];
  return plans.map(({ value, lookups }): ParameterGradient => {
    const shape = value.shape as readonly number[];
    if (lookups.length === 0) return { name: value.name, shape, parts: { kind: 'dense', gradient: gradients.shift()! } };
    return {
      name: value.name,
      shape,
      parts: { kind: 'rows', lookups: lookups.map(({ inputs }) => ({ ids: inputs[1]!, gradient: gradients.shift()! })) },
    };
  });
}
