/** @file Our attributes ⇄ ONNX attributes. Only what differs from "write it as it is" is listed. */
import { UsageError } from '../errors.js';
import type { Graph, Node, OpAttributes, OpType } from '../graph/graph.js';
import { tensorOf } from '../graph/tensor.js';
import type { TensorType } from '../runtime/session.js';
import type { AttributeMessage, GraphMessage } from './schema.js';
import { fromMessage, toMessage, typeNumbers, typeOfNumber } from './tensors.js';

const FLOAT = 1;
const INT = 2;
const STRING = 3;
const TENSOR = 4;
const GRAPH = 5;
const INTS = 7;

const int = (name: string, i: number): AttributeMessage => ({ name, type: INT, i });

/** `toBody` writes the graph that a node holds. */
export function toAttributes({ op, attributes }: Node, toBody: (body: Graph, captures: number) => GraphMessage): AttributeMessage[] {
  if (op === 'Identity') return [];
  if (op === 'Cast') return [int('to', typeNumbers[attributes.to])];
  if (op === 'ConstantOfShape')
    return [{ name: 'value', type: TENSOR, t: toMessage('', tensorOf(attributes.type, [1], [attributes.value])) }];
  if (op === 'Scan') {
    const { body, captures, ...others } = attributes;
    return [{ name: 'body', type: GRAPH, g: toBody(body, captures) }, ...plain(others)];
  }
  return plain(attributes);
}

const plain = (attributes: object): AttributeMessage[] =>
  Object.entries(attributes as Readonly<Record<string, unknown>>).map(([name, value]): AttributeMessage => {
    if (name === 'epsilon') return { name, type: FLOAT, f: value as number };
    if (typeof value === 'boolean') return int(name, Number(value));
    if (typeof value === 'number') return int(name, value);
    if (typeof value === 'string') return { name, type: STRING, s: new TextEncoder().encode(value) };
    return { name, type: INTS, ints: [...(value as readonly number[])] };
  });

/** Values an attribute has when a file leaves it out. */
const defaults: { readonly [K in OpType]?: Readonly<Record<string, unknown>> } = {
  Identity: { stopsGradient: false },
  Gemm: { transA: false, transB: false },
  QuantizeLinear: { axis: 1 },
  DequantizeLinear: { axis: 1 },
  Gather: { axis: 0 },
  GatherElements: { axis: 0 },
  ScatterElements: { axis: 0, reduction: 'none' },
  ReduceSum: { keepdims: true },
  ReduceMean: { keepdims: true },
  ReduceMax: { keepdims: true },
  Softmax: { axis: -1 },
  LayerNormalization: { axis: -1, epsilon: 1e-5 },
  Split: { axis: 0 },
  Pad: { mode: 'constant' },
  GRU: { direction: 'forward', linear_before_reset: false },
  CumSum: { exclusive: false, reverse: false },
};
const flags = new Set(['transA', 'transB', 'keepdims', 'linear_before_reset', 'exclusive', 'reverse']);

/** A graph that a node holds, and how many values of the graphs around it it reads by name. */
export type ReadBody = (message: GraphMessage) => Pick<OpAttributes['Scan'], 'body' | 'captures'>;

export function fromAttributes(op: OpType, node: string, messages: readonly AttributeMessage[], readBody: ReadBody): Node['attributes'] {
  const given = new Map(messages.map((message) => [message.name, message]));
  if (op === 'Cast') return { to: typeOfNumber(Number(given.get('to')?.i), node) };
  if (op === 'ConstantOfShape') {
    const value = given.get('value')?.t;
    const tensor = value ? fromMessage(value) : tensorOf('float32', [1], [0]);
    return { value: Number(tensor.data[0]), type: tensor.type as TensorType };
  }
  const attributes: Record<string, unknown> = { ...defaults[op] };
  for (const [name, { type, f, g, i, s, ints }] of given) {
    if (type === FLOAT) attributes[name] = f;
    else if (type === INT) attributes[name] = flags.has(name) ? Number(i) !== 0 : Number(i);
    else if (type === STRING) attributes[name] = new TextDecoder().decode(s);
    else if (type === INTS) attributes[name] = (ints ?? []).map(Number);
    else if (type === GRAPH && name === 'body' && g) Object.assign(attributes, readBody(g));
    else
      throw new UsageError(
        'onnx/invalid',
        `node ${node} (${op}): attribute ${name} has a kind we do not read`,
        'export the model with standard attributes.',
      );
  }
  return (op === 'Scan' ? scanAttributes(node, attributes) : attributes) as Node['attributes'];
}

/** A file may leave directions out, and may spell out that entries lie along the first dims, which is all that we read. */
function scanAttributes(node: string, given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { body, captures, num_scan_inputs, scan_input_directions, scan_output_directions, ...axes } = given as OpAttributes['Scan'] &
    object;
  if (Object.values<unknown>(axes).some((list) => !Array.isArray(list) || list.some((axis) => axis !== 0)))
    throw new UsageError(
      'onnx/invalid',
      `node ${node} (Scan): reads entries along other dims than the first`,
      'transpose before and after.',
    );
  const forwards = (count: number): readonly number[] => new Array<number>(Math.max(0, count)).fill(0);
  return {
    body,
    captures,
    num_scan_inputs,
    scan_input_directions: scan_input_directions ?? forwards(num_scan_inputs),
    scan_output_directions: scan_output_directions ?? forwards(body.outputs.length - (body.inputs.length - num_scan_inputs - captures)),
  };
}
