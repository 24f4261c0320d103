/**
 * @file Clipping, optimiser and average in three stages, each a graph of ordinary ops. One after another each has its place in memory written once;
 * as one graph XLA would compute the new weight anew for whoever reads it, and copy the old one first.
 */
import { type Graph, GraphBuilder, type Node, type Parameter, type Value } from '../../../models/index.js';
import type { ParameterState } from '../../optimizers/adam-w.js';
import type { OptimizerConfig } from '../../optimizers/optimizer-config.js';
import { gated, stateKeys, type UpdateScalars, updateNodes, updateScalars } from '../../optimizers/update-graph.js';
import { held } from '../state-parts.js';

/** What holds the gradient of a parameter between the stages. */
export const gradientName = (parameter: string): string => `gradient of ${parameter}`;

export type UpdateStage = {
  readonly name: string;
  readonly graph: Pick<Graph, 'nodes'>;
  /** From before the step, or from an earlier stage: `loss`, gradients, `scalars`, `applied`. */
  readonly feeds: readonly Value[];
  /** By variable. */
  readonly reads: ReadonlyMap<string, Value>;
  readonly stores: ReadonlyMap<string, Value>;
  /** For later stages, and `norm`. */
  readonly returns: ReadonlyMap<string, Value>;
};

/**
 * Where loss or norm is not a finite number, what is stored is what was there.
 *
 * @param all every parameter: the rate of one may hang on how many there are above it
 */
export function updateStages(trained: readonly Value[], config: OptimizerConfig, all: readonly Parameter[]): readonly UpdateStage[] {
  const g = new GraphBuilder();
  const loss = g.input('loss', []);
  const scalars = Object.fromEntries(updateScalars.map((name) => [name, g.input(name, [])])) as UpdateScalars;
  const parameters = trained.map(({ name, shape }) => ({
    name,
    gradient: g.input(gradientName(name), shape),
    state: Object.fromEntries(stateKeys.map((key) => [key, g.input(held(partOf[key], name), shape)])) as ParameterState,
  }));
  const update = updateNodes(g, { loss, scalars, trained: parameters }, config, all);
  const { norm, applied } = update;
  /** By variable, these parts of the state before the step, after it, or after it where it is applied. */
  const state = (when: 'before' | 'next' | 'gated', ...chosen: readonly Key[]) =>
    new Map(
      update.parameters.flatMap((one) =>
        chosen.map((key) => [held(partOf[key], one.name), when === 'gated' ? gated(g, update, one, key) : one[when][key]] as const),
      ),
    );
  const stage = (
    name: string,
    reads: ReadonlyMap<string, Value>,
    stores: ReadonlyMap<string, Value>,
    returns: Readonly<Record<string, Value>>,
    given: readonly Value[],
  ) => {
    const found = between(g.nodes, [...reads.values(), ...given], [...stores.values(), ...Object.values(returns)]);
    const read = new Map([...reads].filter(([, value]) => found.inputs.some((input) => input.name === value.name)));
    const own = new Set([...read.values()].map((value) => value.name));
    const feeds = found.inputs.filter((input) => !own.has(input.name));
    return { name, graph: found, feeds, reads: read, stores, returns: new Map(Object.entries(returns)) };
  };
  return [
    stage(
      'moments',
      state('before', 'first', 'second', 'weight'),
      state('gated', 'first', 'second'),
      { norm, [applied.name]: applied },
      [],
    ),
    stage('weights', new Map([...state('before', 'weight'), ...state('next', 'first', 'second')]), state('gated', 'weight'), {}, [applied]),
    stage('average', new Map([...state('before', 'average'), ...state('next', 'weight')]), state('gated', 'average'), {}, [applied]),
  ];
}

type Key = keyof ParameterState;
const partOf = { weight: 'weights', first: 'first', second: 'second', average: 'average' } as const satisfies {
  readonly [K in Key]: string;
};

/** The nodes that make `wanted` where `given` is known, and what they read. */
function between(nodes: readonly Node[], given: readonly Value[], wanted: readonly Value[]): Pick<Graph, 'nodes' | 'inputs'> {
  const known = new Set(given.map(({ name }) => name));
  const needed = new Map(wanted.map((value) => [value.name, value]));
  const kept: Node[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some(({ name }) => needed.has(name) && !known.has(name))) continue;
    kept.push(node);
    for (const value of node.inputs) needed.set(value.name, value);
  }
  const made = new Set(kept.flatMap(({ outputs }) => outputs.map(({ name }) => name)));
  return { nodes: kept.reverse(), inputs: [...needed.values()].filter(({ name, constant }) => !made.has(name) && !constant) };
}
