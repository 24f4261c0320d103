/** @file What goes along a dim entry by entry, in TensorFlow.js's own ops: one after another, for its autodiff to follow. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { OpFamily } from '../../models/index.js';
import type { Tfjs } from './load-tfjs.js';
import { runNodes, toTfjs } from './tfjs-nodes.js';
import type { TfjsOps } from './tfjs-op.js';

type Given = readonly (Tensor | undefined)[];

/** `ops` gives all ops, for the nodes of a body. */
export const recurrent = (ops: () => TfjsOps): TfjsOps<OpFamily['recurrent']> => ({
  GRU: (tf, inputs, { direction, hidden_size: hidden }) => {
    const backwards = direction === 'bidirectional' ? [false, true] : [direction === 'reverse'];
    const ways = backwards.map((reverse, d) => alongDirection(tf, inputs, { reverse, d, hidden }));
    return [
      tf.stack(
        ways.map(({ y }) => y),
        1,
      ),
      tf.stack(ways.map(({ last }) => last)),
    ];
  },
  Scan: (tf, inputs, { body, num_scan_inputs: scanned, captures, scan_input_directions, scan_output_directions }) => {
    const count = inputs.length - scanned - captures;
    const turns = inputs[count]!.shape[0]!;
    const constants = [...body.nodes.flatMap((node) => node.inputs)].flatMap(({ name, constant }) =>
      constant ? [[name, toTfjs(tf, constant)] as const] : [],
    );
    let going = inputs.slice(0, count);
    const outputs = body.outputs.slice(count).map((): Tensor[] => []);
    for (let turn = 0; turn < turns; turn++) {
      const fed = body.inputs.map(({ name }, i) => {
        if (i < count) return [name, going[i]!] as const;
        if (i >= count + scanned) return [name, inputs[i]!] as const;
        return [name, entry(tf, inputs[i]!, scan_input_directions[i - count] ? turns - 1 - turn : turn)] as const;
      });
      const { find } = runNodes(tf, ops(), body.nodes, new Map([...constants, ...fed]));
      going = body.outputs.slice(0, count).map(find);
      for (const [i, value] of body.outputs.slice(count).entries()) {
        if (scan_output_directions[i]) outputs[i]!.unshift(find(value));
        else outputs[i]!.push(find(value));
      }
    }
    return [...going, ...outputs.map((entries) => tf.stack(entries))];
  },
  CumSum: (tf, [x, axis], { exclusive, reverse }) => [tf.cumsum(x!, axis!.dataSync()[0]!, exclusive, reverse)],
});

/** Texts that are shorter keep their state and give 0 beyond their end. */
function alongDirection(
  tf: Tfjs,
  [x, weight, recurrence, bias, lengths, initial]: Given,
  { reverse, d, hidden }: { reverse: boolean; d: number; hidden: number },
): { y: Tensor; last: Tensor } {
  const [tokens, batch] = x!.shape as [number, number];
  const [w, r] = [entry(tf, weight!, d), entry(tf, recurrence!, d)];
  const b = bias ? tf.split(entry(tf, bias, d), 6) : [];
  const gates = (of: Tensor, matrix: Tensor, first: number): Tensor[] =>
    tf.split(tf.matMul(of, matrix, false, true), 3, 1).map((gate, i) => (b[first + i] ? tf.add(gate, b[first + i]!) : gate));
  let h: Tensor = initial ? entry(tf, initial, d) : tf.zeros([batch, hidden]);
  const y: Tensor[] = [];
  for (let step = 0; step < tokens; step++) {
    const t = reverse ? tokens - 1 - step : step;
    const [given, own] = [gates(entry(tf, x!, t), w, 0), gates(h, r, 3)];
    const z = tf.sigmoid(tf.add(given[0]!, own[0]!));
    const n = tf.tanh(tf.add(given[2]!, tf.mul(tf.sigmoid(tf.add(given[1]!, own[1]!)), own[2]!)));
    const next = tf.add(tf.mul(tf.sub(1, z), n), tf.mul(z, h));
    const within = lengths ? tf.expandDims(tf.cast(tf.greater(lengths, t), 'float32'), 1) : tf.scalar(1);
    h = tf.add(tf.mul(within, next), tf.mul(tf.sub(1, within), h));
    y[t] = tf.mul(within, next);
  }
  return { y: tf.stack(y), last: h };
}

/** One entry of the first dim. */
const entry = (tf: Tfjs, x: Tensor, at: number): Tensor => tf.squeeze(tf.slice(x, [at], [1]), [0]);
