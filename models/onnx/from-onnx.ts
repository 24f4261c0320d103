import { UsageError } from '../errors.js';
import { absent, type Dim, type Graph, type Node, type OpAttributes, type OpType, type Value } from '../graph/graph.js';
import { inferOutputs, opTypes } from '../graph/infer.js';
import type { Tensor } from '../runtime/session.js';
import { fromAttributes } from './attributes.js';
import { type GraphMessage, type ModelMessage, ModelProto, type ValueMessage } from './schema.js';
import { fromMessage, typeOfNumber } from './tensors.js';

/**
 * An `.onnx` file as a graph. Initialisers become constants, so shapes are inferred as they were when the graph was built.
 *
 * @throws UsageError `onnx/invalid` for bytes that are no model, or one beyond our op set; `graph/…` where its shapes do not fit
 */
export function fromOnnx(bytes: Uint8Array): Graph {
  const { graph } = decode(bytes);
  try {
    return toGraph(graph, () => undefined).graph;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // A damaged file still parses now and then, with parts left out: an input too few, a size beyond all memory.
    throw new UsageError(
      'onnx/invalid',
      `these ${bytes.length} bytes are not a whole ONNX model: ${(error as Error).message}`,
      'get the file again from its source.',
    );
  }
}

/** Inputs that a node may leave out though others follow them; every other empty name is damage. */
const optional: { readonly [K in OpType]?: ReadonlySet<number> } = { GRU: new Set([3, 4, 5]) };

/** `around` finds the values of the graphs that this one lies in; those that it reads become its last inputs, `captured`. */
function toGraph(graph: GraphMessage, around: (name: string) => Value | undefined): { graph: Graph; captured: readonly Value[] } {
  const captured: Value[] = [];
  const values = new Map<string, Value>();
  const constants = new Map<string, Tensor>(graph.initializer.map((message) => [message.name, fromMessage(message)]));
  for (const [name, constant] of constants) values.set(name, { name, shape: constant.dims, type: constant.type, constant });
  const inputs = graph.input.filter(({ name }) => !constants.has(name)).map(toValue);
  for (const value of inputs) values.set(value.name, value);

  const find = (name: string): Value | undefined => {
    const [own, outer] = [values.get(name), values.has(name) ? undefined : around(name)];
    if (!outer) return own;
    captured.push(outer);
    const value: Value = { name, shape: outer.shape, type: outer.type };
    values.set(name, value);
    return value;
  };
  const named = (name: string, node: string): Value => {
    const value = find(name);
    if (!value)
      throw new UsageError(
        'onnx/invalid',
        `node ${node} reads ${name || 'an optional input left out'}, which nothing before it writes`,
        'write the nodes in the order in which they run.',
      );
    return value;
  };
  const nodes = graph.node.map(({ op_type, name, input, output, attribute }): Node => {
    if (!opTypes.has(op_type))
      throw new UsageError('onnx/invalid', `node ${name}: ${op_type} is not in our op set`, `use one of ${[...opTypes].join(', ')}.`);
    const op = op_type as OpType;
    const taken: Value[] = [];
    const attributes = fromAttributes(op, name, attribute ?? [], (message) => {
      const inner = toGraph(message, find);
      taken.push(...inner.captured);
      return { body: inner.graph, captures: inner.captured.length };
    }) as OpAttributes[OpType];
    const given = (input ?? []).map((source, i) => (source === '' && optional[op]?.has(i) ? absent : named(source, name)));
    const sources = [...given, ...taken];
    const outputs = inferOutputs(op, name, sources, attributes)
      .slice(0, output.length)
      .map((inferred, i): Value => ({ name: output[i]!, ...inferred }));
    for (const value of outputs) values.set(value.name, value);
    return { op, name, inputs: sources, attributes, outputs } as unknown as Node;
  });
  const outputs = graph.output.map(({ name }) => named(name, 'output'));
  const outer = captured.map(({ name, shape, type }): Value => ({ name, shape, type }));
  return { graph: { nodes, inputs: [...inputs, ...outer], outputs }, captured };
}

function decode(bytes: Uint8Array): ModelMessage {
  try {
    const message = ModelProto.decode(bytes) as unknown as ModelMessage;
    if (message.graph) return message;
  } catch {
    // Falls through: bytes that are no protobuf and a protobuf without a graph are the same to the reader.
  }
  throw new UsageError('onnx/invalid', `these ${bytes.length} bytes are not an ONNX model`, 'give the content of an .onnx file.');
}

const toValue = ({ name, type }: ValueMessage): Value => ({
  name,
  type: typeOfNumber(type.tensor_type.elem_type, name),
  shape: (type.tensor_type.shape?.dim ?? []).map(({ dim_value, dim_param }): Dim => dim_param || Number(dim_value ?? 0)),
});
