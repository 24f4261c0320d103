/** @file What goes along a dim entry by entry: one loop of TensorFlow's, which XLA compiles as one. */
import type { OpFamily, TensorType, Value } from '../../../../models/index.js';
import { attribute, type FlowType } from '../attributes.js';
import type { FunctionWriter, Operand } from '../function-writer.js';
import { type Shaped, sizeAt, sizesOf } from '../run-time-shapes.js';
import { type Site, type TensorflowOps, writeGraph } from '../write-graph.js';
import { gruAsScan } from './gru-as-scan.js';

/** `ops` gives all ops, for the nodes of a body. */
export const recurrent = (ops: () => TensorflowOps): TensorflowOps<OpFamily['recurrent']> => ({
  GRU: ({ w, node }, inputs) => {
    const { graph, given } = gruAsScan(node);
    const known = new Map(given.flatMap(({ name }, i) => (inputs[i] ? [[name, inputs[i]] as const] : [])));
    return graph.outputs.map(writeGraph(w, ops(), graph, known));
  },
  Scan: (site, inputs) => scan(site, inputs, ops),
  CumSum: ({ w }, [x, axis], { exclusive, reverse }) => [
    w.add('Cumsum', [x!, axis!], { attributes: { exclusive: attribute.bool(exclusive), reverse: attribute.bool(reverse) } }),
  ],
});

/** Goes round: the turn, their number, states, all that is read, and the lists that outputs are put into. */
function scan({ w, node }: Site<'Scan'>, inputs: readonly Operand[], ops: () => TensorflowOps): readonly Operand[] {
  const { body, num_scan_inputs: scanned, captures, scan_input_directions, scan_output_directions } = node.attributes;
  const count = inputs.length - scanned - captures;
  const turns = sizeAt(w, inputs[count]!, 0);
  const sources = inputs.map((input, i): Shaped => [input, node.inputs[i]!.shape]);
  const collected = body.outputs.slice(count);
  const elements = collected.map(({ shape }) => sizesOf(w, shape, sources));
  const lists = collected.map(({ type }, i) =>
    w.add('TensorListReserve', [elements[i]!, turns], { attributes: dtype(type), type: 'variant' }),
  );
  const going = [w.constant(0), turns, ...inputs, ...lists];

  const condition = w.called('condition');
  const tested = going.map(({ type }) => condition.argument(type));
  condition.finish([condition.add('Less', [tested[0]!, tested[1]!], { type: 'bool' })]);

  const turn = w.called('turn');
  const [step, all, ...rest] = going.map(({ type }) => turn.argument(type)) as [Operand, Operand, ...Operand[]];
  const at = (backwards: number | undefined): Operand =>
    backwards ? turn.add('Sub', [turn.add('Sub', [all, turn.constant(1)]), step]) : step;
  const known = body.inputs.map(({ name }, i): [string, Operand] => {
    const isScanned = i >= count && i < count + scanned;
    return [name, isScanned ? turn.add('GatherV2', [rest[i]!, at(scan_input_directions[i - count]), turn.constant(0)]) : rest[i]!];
  });
  const find = writeGraph(turn, ops(), body, new Map(known));
  const put = collected.map((value, i) =>
    turn.add('TensorListSetItem', [rest[inputs.length + i]!, at(scan_output_directions[i]), find(value)]),
  );
  const states = body.outputs.slice(0, count).map(find);
  turn.finish([turn.add('AddV2', [step, turn.constant(1)]), all, ...states, ...rest.slice(count, inputs.length), ...put]);

  const ended = loop(w, going, condition.name, turn.name);
  const stacked = collected.map(({ type }, i) =>
    w.add('TensorListStack', [ended(2 + inputs.length + i, 'variant'), elements[i]!], { attributes: dtype(type), type }),
  );
  return [...states.map(({ type }, i) => ended(2 + i, type)), ...stacked];
}

function loop(w: FunctionWriter, going: readonly Operand[], condition: string, turn: string): (at: number, type: FlowType) => Operand {
  const attributes = {
    T: attribute.types(going.map(({ type }) => type)),
    cond: attribute.call(condition),
    body: attribute.call(turn),
  };
  const first = w.add('StatelessWhile', going, { attributes });
  return (at, type) => w.result(first, at, type);
}

const dtype = (type: TensorType | Value['type']) => ({ element_dtype: attribute.type(type) });
