/**
 * @file Clipping, optimiser and average in three stages, each a graph of ordinary ops. One after another each has its place in memory written once;
 * as one graph XLA would compute the new weight anew for whoever reads it, and copy the old one first.
 */
import {
  abs,
  add,
  cast,
  div,
  type Graph,
  GraphBuilder,
  greater,
  max,
  mul,
  type Node,
  type Parameter,
  reduceSum,
  sqrt,
  type Value,
  where,
} from '../../../models/index.js';
import { adamW, type ParameterState, type StepScalars } from '../../optimizers/adam-w.js';
import type { OptimizerConfig } from '../../optimizers/optimizer-config.js';
import { parameterRates } from '../../optimizers/parameter-rates.js';
import { held } from './variables.js';

/** Numbers that change from step to step, [] each. */
export const scalars = ['learningRate', 'correction1', 'correction2', 'averageDecay'] as const;

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

/** Largest float32. */
const largest = 3.4028234663852886e38;

/**
 * Where loss or norm is not a finite number, what is stored is what was there.
 *
 * @param all every parameter: the rate of one may hang on how many there are above it
 */
export function updateStages(trained: readonly Value[], config: OptimizerConfig, all: readonly Parameter[]): readonly UpdateStage[] {
  const g = new GraphBuilder();
  const gradients = trained.map(({ name, shape }) => g.input(gradientName(name), shape));
  const [loss, ...numbers] = ['loss', ...scalars].map((name) => g.input(name, [])) as [Value, ...Value[]];
  const [learningRate, correction1, correction2, averageDecay] = numbers as [Value, Value, Value, Value];
  const squares = gradients.map((gradient) => sumOfSquares(g, gradient));
  const norm = sqrt(
    g,
    squares.reduce((sum, one) => add(g, sum, one)),
  );
  const finite = (value: Value) => cast(g, greater(g, largest, abs(g, value)), 'float32');
  const applied = greater(g, mul(g, finite(loss), finite(norm)), 0.5); // []
  const gradientScale = config.clip > 0 ? div(g, config.clip, max(g, add(g, norm, 1e-6), config.clip)) : g.constant(1); // min(1, clip / norm)
  const numbersNow: StepScalars = { learningRate, correction1, correction2, averageDecay, gradientScale };
  const rates = parameterRates(
    all.map(({ value: { name, shape } }) => ({ name, shape: shape as readonly number[] })),
    config,
  );
  const states = trained.map(({ name, shape }, i) => {
    const before = Object.fromEntries(keys.map((key) => [key, g.input(held(partOf[key], name), shape)])) as ParameterState;
    return { name, before, next: adamW(g, before, gradients[i]!, numbersNow, config, rates.get(name)!) };
  });
  /** By variable, the state before the step, or after it, of these parts. */
  const state = (when: 'before' | 'next', ...chosen: readonly Key[]) =>
    new Map(states.flatMap((one) => chosen.map((key) => [held(partOf[key], one.name), one[when][key]] as const)));
  const gated = (...chosen: readonly Key[]) => {
    const old = state('before', ...chosen);
    return new Map([...state('next', ...chosen)].map(([variable, value]) => [variable, where(g, applied, value, old.get(variable)!)]));
  };
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
    stage('moments', state('before', 'first', 'second', 'weight'), gated('first', 'second'), { norm, [applied.name]: applied }, []),
    stage('weights', new Map([...state('before', 'weight'), ...state('next', 'first', 'second')]), gated('weight'), {}, [applied]),
    stage('average', new Map([...state('before', 'average'), ...state('next', 'weight')]), gated('average'), {}, [applied]),
  ];
}

type Key = keyof ParameterState;
const partOf = { weight: 'weights', first: 'first', second: 'second', average: 'average' } as const satisfies {
  readonly [K in Key]: string;
};
const keys = Object.keys(partOf) as readonly Key[];

/** Rows first, for that sum is a kernel (`ops/reduction.ts`); what is then left to sum is short. */
function sumOfSquares(g: GraphBuilder, x: Value): Value {
  const rows = reduceSum(g, mul(g, x, x), { axes: x.shape.slice(1).map((_, i) => i) }); // [width]
  return reduceSum(g, rows, { axes: rows.shape.map((_, i) => i) });
}

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
