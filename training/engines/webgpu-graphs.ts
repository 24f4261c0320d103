/** @file What the WebGPU engine runs beside the pass: the update, sums of gradients, and copies from one memory into the other. */
import { add, GraphBuilder, identity, mul, type Parameter, type Value } from '../../models/index.js';
import type { NodeSession } from '../../models/runtime/node.js';
import type { ParameterState } from '../optimizers/adam-w.js';
import { stateKeys, type UpdateScalars, updateNodes, updateScalars } from '../optimizers/update-graph.js';
import type { EngineOptions } from './engine.js';
import { held, namesOf, type Part, parts } from './state-parts.js';

export type Open = (g: GraphBuilder, outputs: Readonly<Record<string, Value>>, keep: readonly string[]) => Promise<NodeSession>;
export type Held = { readonly name: string; readonly part: Part; readonly parameter: string };

const partOf = { weight: 'weights', first: 'first', second: 'second', average: 'average' } as const satisfies Readonly<
  Record<keyof ParameterState, Part>
>;

/** Loss, numbers and gradients in, the state after the step out. */
export async function openApply(
  open: Open,
  trained: readonly Parameter[],
  all: readonly Parameter[],
  optimizer: EngineOptions['optimizer'],
): Promise<NodeSession> {
  const g = new GraphBuilder();
  const scalars = Object.fromEntries(updateScalars.map((name) => [name, g.input(name, [])])) as UpdateScalars;
  const inputs = trained.map(({ value: { name, shape } }) => ({
    name,
    gradient: g.input(held('gradient', name), shape),
    state: Object.fromEntries(stateKeys.map((key) => [key, g.input(held(partOf[key], name), shape)])) as ParameterState,
  }));
  // Whether to keep what comes out is decided by whoever reads loss and norm.
  const update = updateNodes(g, { loss: g.input('loss', []), scalars, trained: inputs }, optimizer, all);
  const results = update.parameters.flatMap(({ name, next }) =>
    stateKeys.map((key) => [after(held(partOf[key], name)), identity(g, next[key])] as const),
  );
  return open(
    g,
    { norm: update.norm, ...Object.fromEntries(results) },
    results.map(([name]) => name),
  );
}

export function openSum(open: Open, trained: readonly Parameter[]): Promise<NodeSession> {
  const g = new GraphBuilder();
  const [firstShare, secondShare] = [g.input('firstShare', []), g.input('secondShare', [])];
  const sums = trained.map(({ value: { name, shape } }) => {
    const gradient = held('gradient', name);
    const [first, second] = [g.input(`first ${gradient}`, shape), g.input(`second ${gradient}`, shape)];
    return [gradient, add(g, mul(g, first, firstShare), mul(g, second, secondShare))] as const;
  });
  return open(
    g,
    Object.fromEntries(sums),
    sums.map(([name]) => name),
  );
}

/** A graph that gives what it is fed, from one memory into another. */
export function copyOf(parameters: readonly Parameter[], state: readonly Held[]): [GraphBuilder, Readonly<Record<string, Value>>] {
  const g = new GraphBuilder();
  const shapes = new Map(parameters.map(({ value }) => [value.name, value.shape]));
  const copies = state.map(({ name, parameter }) => [name, identity(g, g.input(fed(name), shapes.get(parameter)!))] as const);
  return [g, Object.fromEntries(copies)];
}

export const stateNames = (all: readonly Parameter[], trained: ReadonlySet<string>): readonly Held[] =>
  parts.flatMap((part) => namesOf(part, all, trained).map((parameter) => ({ name: held(part, parameter), part, parameter })));

/** What a value is called where it is fed, and after the step: a graph's inputs and outputs have names of their own. */
export const fed = (name: string): string => `given ${name}`;
export const after = (name: string): string => `next ${name}`;
