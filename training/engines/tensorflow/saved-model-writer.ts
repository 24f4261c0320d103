import { invariant, type Shape, type TensorType } from '../../../models/index.js';
import { attribute, type FlowType, shapeMessage, typeNumbers } from './attributes.js';
import { FunctionWriter, nodeName, type Operand } from './function-writer.js';
import {
  type Attributes,
  type FunctionMessage,
  type GraphMessage,
  type NodeMessage,
  type SavedModelMessage,
  SavedModelProto,
  type SignatureMessage,
} from './schema.js';

/** What is fed or given back. */
export type Port = { readonly name: string; readonly type: TensorType; readonly shape: Shape };

/** A function that a signature calls. */
export type Stage = {
  /** Signatures that have stages of one name share the function. */
  readonly name: string;
  /** What an earlier stage of the signature gave under this name; else it is fed. */
  readonly feeds: readonly Port[];
  /** Names of those that it reads or stores into. */
  readonly variables: readonly string[];
  readonly returns: readonly Port[];
  /** Whether XLA compiles it, once for each shape that is fed. */
  readonly compiled: boolean;
  /** @param given feeds and variables by name; @returns values in the order of `returns` */
  readonly write: (w: FunctionWriter, given: ReadonlyMap<string, Operand>) => readonly Operand[];
};

export type SavedModel = {
  /** The contents of `saved_model.pb`. */
  readonly model: Uint8Array;
  /** The same without the graph: what is fed to and given by each signature. */
  readonly signatures: Uint8Array;
  /** Of the signatures. */
  readonly names: readonly string[];
};

/** `tags` of the one graph that a file has. */
export const tag = 'train';
/** Of TensorFlow 2.9, which tfjs-node 4.22 brings; later ones read it too. */
const producer = 1087;

/**
 * Writes a SavedModel as one file: variables that live as long as the model is loaded, and signatures that read and change them. Signatures that
 * are loaded from one path share the variables.
 */
export class SavedModelWriter {
  readonly #nodes = new Map<string, NodeMessage>();
  readonly #library: FunctionMessage[] = [];
  readonly #signatures: Record<string, SignatureMessage> = {};
  readonly #variables = new Map<string, { readonly node: string; readonly shape: readonly number[] }>();

  get functions(): readonly FunctionMessage[] {
    return this.#library;
  }

  variable(name: string, shape: readonly number[]): void {
    const node = nodeName(`variable/${name}`);
    invariant(!this.#nodes.has(node), `tensorflow: two variables are called ${name}`);
    this.#variables.set(name, { node, shape });
    this.#node(node, 'VarHandleOp', [], {
      dtype: attribute.type('float32'),
      shape: attribute.shape(shape),
      shared_name: attribute.text(node),
    });
  }

  /**
   * A signature that computes: one stage after another.
   *
   * @param returns names of what stages return
   */
  procedure(name: string, stages: readonly Stage[], returns: readonly string[]): void {
    const known = new Map<string, readonly [Port, string]>();
    const fed = new Map<string, readonly [Port, string]>();
    let before: readonly string[] = [];
    for (const stage of stages) {
      const { feeds, variables } = stage;
      const inputs = feeds.map((port) => {
        const made = known.get(port.name);
        if (made) return made[1];
        const placeholder = this.#placeholder(`feed/${port.name}`, port.type, port.shape);
        fed.set(port.name, [port, placeholder]);
        return placeholder;
      });
      const call = this.#call(`${name}/${stage.name}`, stage, [...inputs, ...variables.map((one) => this.#handle(one)), ...before]);
      stage.returns.forEach((port, i) => {
        known.set(port.name, [port, `${call}:${i}`]);
      });
      before = [`^${call}`]; // what is stored is read by the next
    }
    this.#sign(
      name,
      [...fed.values()],
      returns.map((one) => {
        const [port, made] = known.get(one)!;
        // Only what is asked for is run: so this waits for all stages.
        return [port, this.#node(`${name}/result/${one}`, 'Identity', [made, ...before], { T: attribute.type(port.type) })] as const;
      }),
    );
  }

  /** A signature that is fed the contents of variables, by their names. */
  assign(name: string, variables: readonly string[]): void {
    const ports = variables.map((variable) => this.#port(variable));
    const placeholders = ports.map(({ name: variable, shape }) => this.#placeholder(`${name}/${variable}`, 'float32', shape));
    const stores = variables.map((variable, i) => {
      // What is fed lies in JavaScript's memory; a variable is to keep its own.
      const copy = this.#node(`${name}/copy/${variable}`, 'DeepCopy', [placeholders[i]!], { T: attribute.type('float32') });
      return this.#store(`${name}/store/${variable}`, variable, copy);
    });
    this.#done(
      name,
      stores,
      ports.map((port, i) => [port, placeholders[i]!]),
    );
  }

  /** A signature that fills variables with zeros. */
  clear(name: string, variables: readonly string[]): void {
    const zero = this.#constant(`${name}/zero`, 'float32', [], Float32Array.of(0));
    const stores = variables.map((variable) => {
      const { shape } = this.#port(variable);
      const sizes = this.#constant(`${name}/sizes/${variable}`, 'int32', [shape.length], Int32Array.from(shape as readonly number[]));
      const zeros = this.#node(`${name}/fill/${variable}`, 'Fill', [sizes, zero], {
        T: attribute.type('float32'),
        index_type: attribute.type('int32'),
      });
      return this.#store(`${name}/store/${variable}`, variable, zeros);
    });
    this.#done(name, stores, []);
  }

  /** A signature that gives the contents of variables, by their names. */
  read(name: string, variables: readonly string[]): void {
    const outputs = variables.map((variable): readonly [Port, string] => [
      this.#port(variable),
      this.#node(`${name}/${variable}`, 'ReadVariableOp', [this.#handle(variable)], { dtype: attribute.type('float32') }),
    ]);
    this.#sign(name, [], outputs);
  }

  finish(): SavedModel {
    const whole = { node: [...this.#nodes.values()], library: { function: this.#library } };
    const names = Object.keys(this.#signatures);
    return { model: this.#bytes(whole), signatures: this.#bytes({ node: [], library: { function: [] } }), names };
  }

  #bytes(graph: Omit<GraphMessage, 'versions'>): Uint8Array {
    const message: SavedModelMessage = {
      saved_model_schema_version: 1,
      meta_graphs: [
        {
          meta_info_def: { meta_graph_version: 'copydesk', tags: [tag], tensorflow_version: '2.9.0', stripped_default_attrs: true },
          graph_def: { ...graph, versions: { producer, min_consumer: 12 } },
          signature_def: this.#signatures,
        },
      ],
    };
    return SavedModelProto.encode(SavedModelProto.create(message)).finish();
  }

  #call(node: string, stage: Stage, inputs: readonly string[]): string {
    const { name, feeds, variables, returns, compiled, write } = stage;
    const types: FlowType[] = [...feeds.map(({ type }) => type), ...variables.map(() => 'resource' as const)];
    const compile: Attributes = compiled ? { _XlaMustCompile: attribute.bool(true) } : {};
    if (!this.#library.some(({ signature }) => signature.name === name)) {
      const w = new FunctionWriter(name, this.#library);
      const given = new Map([...feeds.map((port) => port.name), ...variables].map((one, i) => [one, w.argument(types[i]!)]));
      w.finish(write(w, given), compile);
    }
    return this.#node(node, 'StatefulPartitionedCall', inputs, {
      Tin: attribute.types(types),
      Tout: attribute.types(returns.map(({ type }) => type)),
      f: attribute.call(name),
      ...compile,
    });
  }

  #port(variable: string): Port {
    return { name: variable, type: 'float32', shape: this.#variables.get(variable)!.shape };
  }

  #handle(variable: string): string {
    return this.#variables.get(variable)!.node;
  }

  /** Signatures that are fed the same share a placeholder. */
  #placeholder(name: string, type: TensorType, shape: Shape): string {
    return this.#node(name, 'Placeholder', [], { dtype: attribute.type(type), shape: attribute.shape(shape) });
  }

  #constant(name: string, type: TensorType, dims: readonly number[], data: Float32Array | Int32Array): string {
    return this.#node(name, 'Const', [], { dtype: attribute.type(type), value: attribute.tensor({ type, dims, data }) });
  }

  #store(name: string, variable: string, value: string): string {
    return this.#node(name, 'AssignVariableOp', [this.#handle(variable), value], { dtype: attribute.type('float32') });
  }

  /** Something must be given back for anything to run. */
  #done(name: string, stores: readonly string[], inputs: readonly (readonly [Port, string])[]): void {
    const done = this.#constant(`${name}/done`, 'float32', [], Float32Array.of(1));
    this.#nodes.get(done)!.input.push(...stores.map((store) => `^${store}`));
    this.#sign(name, inputs, [[{ name: 'done', type: 'float32', shape: [] }, done]]);
  }

  #sign(name: string, inputs: readonly (readonly [Port, string])[], outputs: readonly (readonly [Port, string])[]): void {
    const infos = (ports: readonly (readonly [Port, string])[]) =>
      Object.fromEntries(
        ports.map(([{ name: port, type, shape }, node]) => [
          port,
          { name: node.includes(':') ? node : `${node}:0`, dtype: typeNumbers[type], tensor_shape: shapeMessage(shape) },
        ]),
      );
    this.#signatures[name] = { inputs: infos(inputs), outputs: infos(outputs), method_name: 'tensorflow/serving/predict' };
  }

  #node(name: string, op: string, input: readonly string[], attr: Attributes): string {
    const safe = nodeName(name);
    if (!this.#nodes.has(safe)) this.#nodes.set(safe, { name: safe, op, input: [...input], attr });
    return safe;
  }
}
