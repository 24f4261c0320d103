import type { Graph, Node, Value } from '../graph/graph.js';
import type { Tensor } from '../runtime/session.js';
import { toAttributes } from './attributes.js';
import { irVersion, type ModelMessage, ModelProto, opset, type TensorMessage, type ValueMessage } from './schema.js';
import { toMessage, typeNumbers } from './tensors.js';

export type OnnxOptions = {
  readonly name?: string;
  /** Contents of graph inputs that become part of the file and are no longer fed: weights. */
  readonly initializers?: ReadonlyMap<string, Tensor>;
  /** Names under which outputs appear, by the name of the value. */
  readonly outputNames?: ReadonlyMap<string, string>;
};

/** The graph as the bytes of an `.onnx` file. */
export function toOnnx(
  graph: Graph,
  { name = 'copydesk', initializers = new Map(), outputNames = new Map() }: OnnxOptions = {},
): Uint8Array {
  const constants = new Map<string, TensorMessage>();
  const readValues = [...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs];
  for (const value of readValues) if (value.constant) constants.set(value.name, toMessage(nameOf(value, outputNames), value.constant));
  const read = new Set(readValues.map((value) => value.name));
  const message: ModelMessage = {
    ir_version: irVersion,
    producer_name: 'copydesk',
    opset_import: [{ domain: '', version: opset }],
    graph: {
      name,
      node: graph.nodes.map((node) => ({
        input: node.inputs.map((value) => nameOf(value, outputNames)),
        output: written(node, read).map((value) => nameOf(value, outputNames)),
        name: node.name,
        op_type: node.op,
        attribute: toAttributes(node),
      })),
      initializer: [...constants.values(), ...[...initializers].map(([key, tensor]) => toMessage(key, tensor))],
      input: graph.inputs.filter((value) => !initializers.has(value.name)).map((value) => valueInfo(value, value.name)),
      output: graph.outputs.map((value) => valueInfo(value, nameOf(value, outputNames))),
    },
  };
  return ModelProto.encode(ModelProto.create(message)).finish();
}

/** The outputs of a node up to the last that anything reads: trailing ones are optional in ONNX. */
const written = ({ outputs }: Node, read: ReadonlySet<string>): readonly Value[] =>
  outputs.slice(0, outputs.findLastIndex(({ name }) => read.has(name)) + 1);

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
