import type { Graph, Node, OpType, Value } from '../graph/graph.js';
import type { Tensor, TensorType } from '../runtime/session.js';
import { toAttributes } from './attributes.js';
import {
  type GraphMessage,
  irVersion,
  type ModelMessage,
  ModelProto,
  type NodeMessage,
  opset,
  type SequenceMessage,
  type TensorMessage,
  type ValueMessage,
} from './schema.js';
import { toMessage, typeNumbers } from './tensors.js';

export type OnnxOptions = {
  readonly name?: string;
  /** Contents of graph inputs that become part of the file and are no longer fed: weights. */
  readonly initializers?: ReadonlyMap<string, Tensor>;
  /** Inputs whose contents lie in another file beside this one. */
  readonly external?: ReadonlyMap<string, ExternalTensor>;
  /** Names under which outputs appear, by the name of the value. */
  readonly outputNames?: ReadonlyMap<string, string>;
  /** Puts an empty list of tensors before the outputs, which makes the file one for `runInto` of a Node session. Default false. */
  readonly keepsOutputs?: boolean;
};

/** Name of the list that a file with `keepsOutputs` begins its outputs with. */
export const keptOutputs = 'kept_outputs';

export type ExternalTensor = {
  readonly type: TensorType;
  readonly dims: readonly number[];
  /** Of the file, from the folder of this one. */
  readonly location: string;
  /** In bytes. */
  readonly offset: number;
  readonly length: number;
};

/** The graph as the bytes of an `.onnx` file. */
export function toOnnx(
  graph: Graph,
  { name = 'copydesk', initializers = new Map(), external = new Map(), outputNames = new Map(), keepsOutputs = false }: OnnxOptions = {},
): Uint8Array {
  const written = graphMessage(graph, { name, initializers, external, outputNames });
  const message: ModelMessage = {
    ir_version: irVersion,
    producer_name: 'copydesk',
    opset_import: [{ domain: '', version: opset }],
    graph: keepsOutputs ? withList(written) : written,
  };
  return ModelProto.encode(ModelProto.create(message)).finish();
}

function withList(graph: GraphMessage): GraphMessage {
  const list: SequenceMessage = {
    name: keptOutputs,
    type: { sequence_type: { elem_type: { tensor_type: { elem_type: typeNumbers.float32 } } } },
  };
  const empty: NodeMessage = { input: [], output: [keptOutputs], name: keptOutputs, op_type: 'SequenceEmpty', attribute: [] };
  return { ...graph, node: [empty, ...graph.node], output: [list, ...graph.output] };
}

type Contents = Required<Omit<OnnxOptions, 'keepsOutputs'>>;

function graphMessage(graph: Graph, { name, initializers, external, outputNames }: Contents): GraphMessage {
  const constants = new Map<string, TensorMessage>();
  const readValues = [...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs];
  for (const value of readValues) if (value.constant) constants.set(value.name, toMessage(nameOf(value, outputNames), value.constant));
  const read = new Set(readValues.map((value) => value.name));
  /** A body reads what it captures by name alone, so neither the node nor the body lists it among its inputs. */
  const bodyOf = (body: Graph, captures: number): GraphMessage => {
    const listed = { ...body, inputs: body.inputs.slice(0, body.inputs.length - captures) };
    return graphMessage(listed, { name: 'body', initializers: new Map(), external: new Map(), outputNames });
  };
  return {
    name,
    node: graph.nodes.map((node) => ({
      input: node.inputs.slice(0, node.inputs.length - capturesOf(node)).map((value) => nameOf(value, outputNames)),
      output: written(node, read).map((value) => nameOf(value, outputNames)),
      name: node.name,
      op_type: node.op,
      attribute: toAttributes(node, bodyOf),
    })),
    initializer: [
      ...constants.values(),
      ...[...initializers].map(([key, tensor]) => toMessage(key, tensor)),
      ...[...external].map(([key, tensor]) => elsewhere(key, tensor)),
    ],
    input: graph.inputs
      .filter((value) => !initializers.has(value.name) && !external.has(value.name))
      .map((value) => valueInfo(value, value.name)),
    output: graph.outputs.map((value) => valueInfo(value, nameOf(value, outputNames))),
  };
}

const elsewhere = (name: string, { type, dims, location, offset, length }: ExternalTensor): TensorMessage => ({
  name,
  dims: [...dims],
  data_type: typeNumbers[type],
  external_data: Object.entries({ location, offset, length }).map(([key, value]) => ({ key, value: String(value) })),
  data_location: 1,
});

const capturesOf = ({ attributes }: Node): number => ('captures' in attributes ? attributes.captures : 0);

/** Ops that have as many outputs as they are written with. */
const variadic: ReadonlySet<OpType> = new Set(['Scan', 'Split']);

/** The outputs of a node up to the last that anything reads: trailing ones are optional in ONNX, but where their number means something. */
const written = ({ op, outputs }: Node, read: ReadonlySet<string>): readonly Value[] =>
  variadic.has(op) ? outputs : outputs.slice(0, outputs.findLastIndex(({ name }) => read.has(name)) + 1);

const nameOf = (value: Value, outputNames: ReadonlyMap<string, string>): string => outputNames.get(value.name) ?? value.name;

const valueInfo = ({ shape, type }: Value, name: string): ValueMessage => ({
  name,
  type: {
    tensor_type: {
      elem_type: typeNumbers[type],
      shape: { dim: shape.map((dim) => (typeof dim === 'number' ? { dim_value: dim } : { dim_param: dim })) },
    },
  },
});
