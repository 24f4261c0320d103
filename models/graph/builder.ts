import { UsageError } from '../errors.js';
import type { Tensor, TensorType } from '../runtime/session.js';
import type { FloatType, Graph, Node, OpAttributes, OpType, Shape, Value } from './graph.js';
import { inferOutputs } from './infer.js';
import { tensorOf } from './tensor.js';

type Written = {
  /** Before the names of constants. */
  readonly within: string;
  readonly nodes: Node[];
  readonly inputs: Value[];
  readonly names: Set<string>;
  readonly constants: Map<string, Value>;
};

/** Collects nodes while a model is written down; the only mutable thing in this folder. */
export class GraphBuilder {
  /** The type that layers compute in: float32, or float64 for gradient checks. */
  readonly float: FloatType;
  readonly path: string;
  readonly #written: Written;

  constructor(options: { readonly float?: FloatType } = {}, path = '', written?: Written) {
    this.float = options.float ?? 'float32';
    this.path = path;
    this.#written = written ?? { within: '', nodes: [], inputs: [], names: new Set(), constants: new Map() };
  }

  get nodes(): readonly Node[] {
    return this.#written.nodes;
  }

  get inputs(): readonly Value[] {
    return this.#written.inputs;
  }

  /** The same graph; nodes written through the result carry `path` in their names. */
  at(path: string): GraphBuilder {
    return new GraphBuilder({ float: this.float }, path, this.#written);
  }

  /** An empty graph to be part of the next node of this one; its names are unlike any other's. */
  body(): GraphBuilder {
    const path = `${this.path ? `${this.path}/` : ''}body_${this.#written.nodes.length}`;
    return new GraphBuilder({ float: this.float }, path, {
      within: `${path}/`,
      nodes: [],
      inputs: [],
      names: new Set(),
      constants: new Map(),
    });
  }

  input(name: string, shape: Shape, type: TensorType = this.float): Value {
    if (this.#written.names.has(name)) {
      throw new UsageError(
        'graph/name',
        `input ${name}: the name is already taken in this graph`,
        'give each input and each parameter a name of its own.',
      );
    }
    this.#written.names.add(name);
    const value: Value = { name, shape, type };
    this.#written.inputs.push(value);
    return value;
  }

  /** A constant of the given content; equal constants become one value. */
  constant(data: number | readonly number[], type: TensorType = this.float, shape?: readonly number[]): Value {
    const tensor = tensorOf(type, shape ?? (typeof data === 'number' ? [] : [data.length]), typeof data === 'number' ? [data] : data);
    return this.#intern(tensor);
  }

  add<K extends OpType>(op: K, inputs: readonly Value[], attributes: OpAttributes[K]): readonly Value[] {
    const index = this.#written.nodes.length;
    const name = `${this.path ? `${this.path}/` : ''}${op}_${index}`;
    const inferred = inferOutputs(op, name, inputs, attributes);
    const outputs = inferred.map((output, i): Value => ({ name: i === 0 ? name : `${name}:${i}`, ...output }));
    this.#written.nodes.push({ op, name, inputs, attributes, outputs } as unknown as Node);
    return outputs;
  }

  /** The graph so far, cut down to what `outputs` need. Inputs keep their order; those that nothing reads are left out. */
  graph(outputs: readonly Value[]): Graph {
    const needed = new Set(outputs.map(({ name }) => name));
    const nodes: Node[] = [];
    for (const node of [...this.#written.nodes].reverse()) {
      if (!node.outputs.some(({ name }) => needed.has(name))) continue;
      nodes.push(node);
      for (const { name } of node.inputs) needed.add(name);
    }
    return { nodes: nodes.reverse(), inputs: this.#written.inputs.filter(({ name }) => needed.has(name)), outputs };
  }

  #intern(tensor: Tensor): Value {
    const key = `${tensor.type}[${tensor.dims}]${Array.from(tensor.data as ArrayLike<number>, (x) => (Object.is(x, -0) ? '-0' : String(x))).join()}`;
    const known = this.#written.constants.get(key);
    if (known) return known;
    const name = `${this.#written.within}constant_${this.#written.constants.size}`;
    const value: Value = { name, shape: tensor.dims, type: tensor.type, constant: tensor };
    this.#written.constants.set(key, value);
    return value;
  }
}
