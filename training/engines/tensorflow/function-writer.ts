import type { Tensor, TensorType } from '../../../models/index.js';
import { sizeOf, tensorOf } from '../../../models/index.js';
import { attribute, type FlowType, toInt32, typeNumbers } from './attributes.js';
import { type OperatorName, operatorOf } from './operators.js';
import type { Attributes, FunctionMessage, NodeMessage } from './schema.js';

/** A value within a function: `node:result:0`, or the name of an argument. */
export type Operand = { readonly ref: string; readonly type: FlowType };

type WriteOptions = {
  readonly attributes?: Attributes;
  /** Of the result; default that of the first input. */
  readonly type?: FlowType;
};

/** Collects the nodes of one function of a SavedModel, and the functions that those call. */
export class FunctionWriter {
  readonly name: string;
  /** Written into the names of nodes, where a profile shows them. */
  path = '';
  readonly #library: FunctionMessage[];
  readonly #nodes: NodeMessage[] = [];
  readonly #arguments: Operand[] = [];
  readonly #constants = new Map<string, Operand>();
  readonly #stores: string[] = [];

  /** @param library takes this function, once it is finished, and those that it calls */
  constructor(name: string, library: FunctionMessage[]) {
    this.name = name;
    this.#library = library;
  }

  argument(type: FlowType): Operand {
    const argument = { ref: `argument_${this.#arguments.length}`, type };
    this.#arguments.push(argument);
    return argument;
  }

  /** Writes one operator; the result is its first. */
  add(operator: OperatorName, inputs: readonly Operand[], { attributes = {}, type }: WriteOptions = {}): Operand {
    const { output, types = {}, count } = operatorOf(operator);
    const typed = Object.entries(types).map(([name, at]) => [name, attribute.type(inputs[at]!.type)] as const);
    const counted = count ? { [count[0]]: attribute.int(inputs.length - count[1]) } : {};
    const name = this.#node(
      operator,
      inputs.map(({ ref }) => ref),
      { ...Object.fromEntries(typed), ...counted, ...attributes },
    );
    return { ref: `${name}:${output}:0`, type: type ?? inputs[0]!.type };
  }

  /** Result `at` of an operator that gives several, of which `add` gave the first. */
  result = ({ ref, type }: Operand, at: number, other: FlowType = type): Operand => ({ ref: ref.replace(/0$/, String(at)), type: other });

  constant(values: number | readonly number[], type: TensorType = 'int64', dims?: readonly number[]): Operand {
    const list = typeof values === 'number' ? [values] : values;
    const shape = dims ?? (typeof values === 'number' ? [] : [list.length]);
    const wide = type === 'int64' ? 'int32' : type;
    return this.tensor(tensorOf(wide, shape, wide === 'int32' ? list.map(toInt32) : list));
  }

  /** Equal small constants become one node. */
  tensor(tensor: Tensor): Operand {
    const { type, dims } = tensor;
    const key =
      sizeOf(dims) > 64 ? undefined : `${typeNumbers[type]}[${dims}]${Array.from(tensor.data as ArrayLike<number>, spelt).join()}`;
    const known = key === undefined ? undefined : this.#constants.get(key);
    if (known) return known;
    const name = this.#node('Const', [], { dtype: attribute.type(type), value: attribute.tensor(tensor) });
    const constant = { ref: `${name}:output:0`, type };
    if (key !== undefined) this.#constants.set(key, constant);
    return constant;
  }

  read(variable: Operand, type: TensorType): Operand {
    return this.add('ReadVariableOp', [variable], { attributes: { dtype: attribute.type(type) }, type });
  }

  /** All stores are made before the function returns. */
  store(variable: Operand, value: Operand): void {
    this.#stores.push(this.#node('AssignVariableOp', [variable.ref, value.ref], { dtype: attribute.type(value.type) }));
  }

  /** Another function of the same library. */
  called(name: string): FunctionWriter {
    return new FunctionWriter(`${this.name}_${name}_${this.#nodes.length}`, this.#library);
  }

  /** Ends the function. */
  finish(returns: readonly Operand[], attributes: Attributes = {}): void {
    const argument = ({ ref: name, type }: Operand) => ({ name, type: typeNumbers[type] });
    this.#library.push({
      signature: {
        name: this.name,
        input_arg: this.#arguments.map(argument),
        output_arg: returns.map(({ type }, i) => argument({ ref: `result_${i}`, type })),
        control_output: this.#stores,
        is_stateful: this.#stores.length > 0,
      },
      attr: attributes,
      node_def: this.#nodes,
      ret: Object.fromEntries(returns.map(({ ref }, i) => [`result_${i}`, ref])),
      control_ret: Object.fromEntries(this.#stores.map((name) => [name, name])),
    });
  }

  #node(op: string, input: readonly string[], attr: Attributes): string {
    const name = nodeName(`${this.path}${op}_${this.#nodes.length}`);
    this.#nodes.push({ name, op, input: [...input], attr });
    return name;
  }
}

/** TensorFlow's names begin with a letter or digit, and have no colons. */
export const nodeName = (text: string): string => text.replace(/[^A-Za-z0-9_.\-/]/g, '_').replace(/^[^A-Za-z0-9.]+/, '');

const spelt = (x: number | bigint): string => (Object.is(x, -0) ? '-0' : String(x));
