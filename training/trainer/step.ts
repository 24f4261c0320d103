/** @file One training graph: the classifier with dropout, the loss, and the gradient of the loss by each trained parameter. */
import { type ArchitectureConfig, buildClassifier, type ClassifierGraph, type Value } from '../../models/index.js';
import { differentiate } from '../autodiff/differentiate.js';
import { crossEntropy } from '../losses/cross-entropy.js';

export type StepDefinition = {
  readonly architecture: ArchitectureConfig;
  readonly labels: number;
  /** Whether a parameter is trained, by name; the others stay as they are. Default: all that the loss depends on. */
  readonly trained?: (name: string) => boolean;
};

/** The classifier as trained, and its loss; no gradient yet, so that an engine may use its own. */
export type LossGraph = {
  readonly classifier: ClassifierGraph;
  /** int64 [batch] */
  readonly target: Value;
  /** [] */
  readonly loss: Value;
  /** Parameters to be updated, by name. */
  readonly trained: ReadonlySet<string>;
};

export function lossGraph({ architecture, labels, trained = () => true }: StepDefinition): LossGraph {
  const classifier = buildClassifier(architecture, { labels, training: true });
  const { builder, logits, parameters } = classifier;
  const target = builder.input('labels', ['batch'], 'int64');
  const loss = crossEntropy(builder.at('loss'), logits, target);
  const used = new Set(builder.graph([loss]).inputs.map(({ name }) => name));
  const names = parameters.map(({ value }) => value.name).filter((name) => used.has(name) && trained(name));
  return { classifier, target, loss, trained: new Set(names) };
}

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
export function gradientsOf({ classifier, loss, trained }: LossGraph): readonly ParameterGradient[] {
  const { builder, parameters } = classifier;
  const nodes = builder.graph([loss]).nodes;
  const plans = parameters
    .filter(({ value }) => trained.has(value.name))
    .map(({ value }) => {
      const users = nodes.filter(({ inputs }) => inputs.some(({ name }) => name === value.name));
      const lookups = users.flatMap((node) =>
        node.op === 'Gather' && node.attributes.axis === 0 && node.inputs[1]!.name !== value.name ? [node] : [],
      );
      return { value, lookups: lookups.length === users.length ? lookups : [] };
    });
  const wrt = plans.flatMap(({ value, lookups }) => (lookups.length > 0 ? lookups.map(({ outputs }) => outputs[0]!) : [value]));
  const gradients = [...differentiate(builder, loss, wrt)];
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
