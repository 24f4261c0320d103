/** @file A graph of ours as nodes of a TensorFlow function. */
import { type Graph, invariant, type Node, type OpAttributes, type OpType, type Value } from '../../../models/index.js';
import type { FunctionWriter, Operand } from './function-writer.js';
import { nodeName } from './function-writer.js';

/** Where an op is written. */
export type Site<K extends OpType> = {
  readonly w: FunctionWriter;
  readonly node: Node<K>;
  /** What wrote a value of the graph; `undefined` for its inputs. */
  readonly source: (value: Value) => Node | undefined;
  readonly find: (value: Value) => Operand;
};
/** An input that is left out is `undefined`. */
export type TensorflowOp<K extends OpType> = (site: Site<K>, inputs: readonly Operand[], attributes: OpAttributes[K]) => readonly Operand[];
export type TensorflowOps<K extends OpType = OpType> = { readonly [T in K]: TensorflowOp<T> };

/** @param known the graph's inputs by name
 *  @returns how values of the graph are named in the function */
export function writeGraph(
  w: FunctionWriter,
  ops: TensorflowOps,
  { nodes }: Pick<Graph, 'nodes'>,
  known: ReadonlyMap<string, Operand>,
): (value: Value) => Operand {
  const operands = new Map(known);
  const sources = new Map(nodes.flatMap((node) => node.outputs.map(({ name }) => [name, node] as const)));
  const find = ({ name, constant }: Value): Operand => {
    const operand = operands.get(name) ?? (constant ? w.tensor(constant) : undefined);
    invariant(operand || name === '', `tensorflow: ${name} is not fed`);
    return operand as Operand;
  };
  const outer = w.path;
  for (const node of nodes as readonly Node<OpType>[]) {
    const at = node.name.lastIndexOf('/');
    w.path = at < 0 ? outer : nodeName(`${outer}${node.name.slice(0, at + 1)}`);
    const site = { w, node, find, source: ({ name }: Value) => sources.get(name) };
    const results = (ops[node.op] as TensorflowOp<OpType>)(site, node.inputs.map(find), node.attributes);
    node.outputs.forEach(({ name }, i) => {
      if (results[i]) operands.set(name, results[i]);
    });
  }
  w.path = outer;
  return find;
}
