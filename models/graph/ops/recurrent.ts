/** @file What goes along a dim entry by entry. */
import type { GraphBuilder } from '../builder.js';
import { absent, type OpAttributes, type Value } from '../graph.js';
import { identity } from './elementwise.js';

export type GruInputs = {
  /** [tokens, batch, inputs] */
  readonly x: Value;
  /** [directions, 3 hidden, inputs], gates in the order z, r, h, as in the two below */
  readonly weight: Value;
  /** [directions, 3 hidden, hidden] */
  readonly recurrence: Value;
  /** [directions, 6 hidden]: three for what is given, three for the state */
  readonly bias?: Value;
  /** int32 [batch]: entries of each text; Y is 0 beyond, and Y_h the state at its end */
  readonly lengths?: Value;
  /** [directions, batch, hidden]; 0 where it is left out */
  readonly initial?: Value;
};

/**
 * Gated recurrent units (Cho et al. 2014) as PyTorch computes them, the reset gate after the product (`linear_before_reset`).
 *
 *     z = σ(x·Wzᵀ + h·Rzᵀ + bz)    r = σ(x·Wrᵀ + h·Rrᵀ + br)    n = tanh(x·Whᵀ + wb + r ∘ (h·Rhᵀ + rb))    h' = (1 − z) ∘ n + z ∘ h
 *
 *     returns  Y [tokens, directions, batch, hidden] and Y_h [directions, batch, hidden]
 */
export function gru(
  g: GraphBuilder,
  { x, weight, recurrence, bias, lengths, initial }: GruInputs,
  direction: OpAttributes['GRU']['direction'],
): readonly [y: Value, last: Value] {
  const given = [x, weight, recurrence, bias, lengths, initial];
  const count = given.findLastIndex((value) => value !== undefined) + 1;
  const hidden_size = Number(recurrence.shape[2]);
  const inputs = given.slice(0, count).map((value) => value ?? absent);
  return g.add('GRU', inputs, { direction, linear_before_reset: true, hidden_size }) as unknown as [Value, Value];
}

export type ScanInputs = {
  /** What goes from turn to turn, as it starts. */
  readonly states: readonly Value[];
  /** Read one entry of the first dim a turn. */
  readonly scanned: readonly Value[];
  /** Read whole at each turn. */
  readonly captured?: readonly Value[];
  /** From the last entry to the first; outputs are then written in the same order. */
  readonly reversed?: boolean;
};
type Turn = { readonly states: readonly Value[]; readonly outputs: readonly Value[] };

/**
 * One turn for each entry of the first dim of `scanned`. `write` writes a turn: new states out of states, and what is collected.
 *
 *     returns  the states after the last turn; the outputs of all turns, [entries, ...] each
 */
export function scan(
  g: GraphBuilder,
  { states, scanned, captured = [], reversed = false }: ScanInputs,
  write: (body: GraphBuilder, states: readonly Value[], entries: readonly Value[]) => Turn,
): Turn {
  const body = g.body();
  const going = states.map(({ shape, type }, i) => body.input(`${body.path}/state.${i}`, shape, type));
  const entries = scanned.map(({ shape, type }, i) => body.input(`${body.path}/entry.${i}`, shape.slice(1), type));
  for (const { name, shape, type } of captured) body.input(name, shape, type);
  const turn = write(body, going, entries);
  const seen = new Set(body.inputs.map(({ name }) => name));
  // A graph names each of its outputs once, and none of its inputs.
  const outputs = [...turn.states, ...turn.outputs].map((value) => {
    const own = seen.has(value.name) || value.constant ? identity(body, value) : value;
    seen.add(own.name);
    return own;
  });
  const directions = (count: number): number[] => new Array(count).fill(Number(reversed));
  const results = g.add('Scan', [...states, ...scanned, ...captured], {
    body: { nodes: body.nodes, inputs: body.inputs, outputs },
    num_scan_inputs: scanned.length,
    captures: captured.length,
    scan_input_directions: directions(scanned.length),
    scan_output_directions: directions(turn.outputs.length),
  });
  return { states: results.slice(0, states.length), outputs: results.slice(states.length) };
}

/** Running sums along `axis`; `exclusive`: of what comes before, so that the first is 0. */
export const cumSum = (
  g: GraphBuilder,
  x: Value,
  { axis, exclusive = false, reverse = false }: { axis: number; exclusive?: boolean; reverse?: boolean },
): Value => g.add('CumSum', [x, g.constant(axis, 'int64')], { exclusive, reverse })[0]!;
