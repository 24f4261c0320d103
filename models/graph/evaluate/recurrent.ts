import type { Graph, OpFamily } from '../graph.js';
import { sizeOf } from '../tensor.js';
import type { Evaluations, Numbers } from './evaluation.js';
import { around, empty } from './strides.js';

type Run = (graph: Graph, feeds: ReadonlyMap<string, Numbers>) => ReadonlyMap<string, Numbers>;

/** `run` evaluates the graph that a node holds. */
export const recurrent = (run: Run): Evaluations<OpFamily['recurrent']> => ({
  GRU: ([x, weight, recurrence, bias, lengths, initial], { direction, hidden_size: hidden }) => {
    const [tokens, batch, inputs] = x!.dims as [number, number, number];
    const reversed = direction === 'bidirectional' ? [false, true] : [direction === 'reverse'];
    const y = empty([tokens, reversed.length, batch, hidden]);
    const last = empty([reversed.length, batch, hidden]);
    reversed.forEach((backwards, d) => {
      const place = (of: Numbers | undefined, gate: number, gates: number) => of?.data.subarray((d * gates + gate) * hidden);
      /** Row `k` of gate `gate` times `v`, from weights of `width` columns. */
      const dot = (of: Numbers, gate: number, k: number, v: Float64Array, width: number): number => {
        const row = ((d * 3 + gate) * hidden + k) * width;
        return v.reduce((sum, value, i) => sum + value * of.data[row + i]!, 0);
      };
      for (let b = 0; b < batch; b++) {
        const length = lengths ? lengths.data[b]! : tokens;
        let h = initial ? initial.data.slice((d * batch + b) * hidden, (d * batch + b + 1) * hidden) : new Float64Array(hidden);
        for (let step = 0; step < length; step++) {
          const t = backwards ? length - 1 - step : step;
          const input = x!.data.subarray((t * batch + b) * inputs, (t * batch + b + 1) * inputs);
          const before = h;
          const given = (gate: number, k: number) => dot(weight!, gate, k, input, inputs) + (place(bias, gate, 6)?.[k] ?? 0);
          const own = (gate: number, k: number) => dot(recurrence!, gate, k, before, hidden) + (place(bias, gate + 3, 6)?.[k] ?? 0);
          h = before.map((previous, k) => {
            const [z, r] = [sigmoid(given(0, k) + own(0, k)), sigmoid(given(1, k) + own(1, k))];
            return (1 - z) * Math.tanh(given(2, k) + r * own(2, k)) + z * previous;
          });
          y.data.set(h, ((t * reversed.length + d) * batch + b) * hidden);
        }
        last.data.set(h, (d * batch + b) * hidden);
      }
    });
    return [y, last];
  },
  Scan: (inputs, { body, num_scan_inputs: scanned, captures, scan_input_directions, scan_output_directions }) => {
    const states = inputs.length - scanned - captures;
    const turns = inputs[states]!.dims[0]!;
    const entry = ({ dims, data }: Numbers, at: number): Numbers => {
      const size = sizeOf(dims.slice(1));
      return { dims: dims.slice(1), data: data.slice(at * size, (at + 1) * size) };
    };
    const going = inputs.slice(0, states);
    const outputs = body.outputs.slice(states).map((): Numbers[] => []);
    for (let turn = 0; turn < turns; turn++) {
      const fed = body.inputs.map(({ name }, i) => {
        if (i < states) return [name, going[i]!] as const;
        if (i >= states + scanned) return [name, inputs[i]!] as const;
        return [name, entry(inputs[i]!, scan_input_directions[i - states] ? turns - 1 - turn : turn)] as const;
      });
      const results = run(body, new Map(fed));
      body.outputs.forEach(({ name }, i) => {
        if (i < states) going[i] = results.get(name)!;
        else if (scan_output_directions[i - states]) outputs[i - states]!.unshift(results.get(name)!);
        else outputs[i - states]!.push(results.get(name)!);
      });
    }
    const joined = outputs.map((entries): Numbers => {
      const result = empty([turns, ...entries[0]!.dims]);
      for (const [i, { data }] of entries.entries()) result.data.set(data, i * data.length);
      return result;
    });
    return [...going, ...joined];
  },
  CumSum: ([x, axis], { exclusive, reverse }) => {
    const { outer, size, inner } = around(x!.dims, axis!.data[0]!);
    const y = empty(x!.dims);
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) {
        let sum = 0;
        for (let k = 0; k < size; k++) {
          const at = (o * size + (reverse ? size - 1 - k : k)) * inner + i;
          const after = sum + x!.data[at]!;
          y.data[at] = exclusive ? sum : after;
          sum = after;
        }
      }
    return [y];
  },
});

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
