/** @file What is done to each token alike, done to rows: [batch, tokens, width] as [batch*tokens, width], where a row can have a scale of its own. */
import { type Graph, type Node, type OpType, type Shape, tensorOf, type Value } from '../../models/index.js';
import { constantValue, type Emit, rewrite } from './rewrite.js';
import { tokenProduct } from './token-products.js';

const oneInput: ReadonlySet<OpType> = new Set(['Gelu', 'Relu', 'Tanh', 'Sigmoid']);
const twoInputs: ReadonlySet<OpType> = new Set(['Add', 'Sub', 'Mul', 'Div', 'Max']);

/**
 * Products with a weight, and what follows them row by row, work on two dims; reshaping stands only where a graph goes over to them and back,
 * and takes the place of a reshape that was there before where it can. No value changes.
 */
export function flattenRows(graph: Graph): Graph {
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  /** Flat values, and the shape that they stand for. */
  const meant = new Map<string, Shape>();
  const flats = new Map<string, Value>();
  const wides = new Map<string, Value>();
  /** Of reshapes that stay: what they reshape. */
  const before = new Map<string, Value>();
  /** Tensors that hold all dims of a value but the last, by those dims. */
  const sizes = new Map<string, Value>();

  return rewrite(graph, (node, inputs, emit) => {
    const [out] = node.outputs as [Value];
    const make = (name: string, reads: readonly Value[]): readonly Value[] => {
      const made = emit(node.op as 'Add', name, reads, node.attributes as Record<never, never>);
      meant.set(made.name, out.shape);
      return [made];
    };
    if (!outputs.has(out.name)) {
      if (tokenProduct(node, inputs) && shapeOf(inputs[0]!).length > 2) return make(out.name, [flat(inputs[0]!, emit), inputs[1]!]);
      if (meant.has(inputs[0]?.name ?? '') && (oneInput.has(node.op) || isRowNorm(node))) return make(out.name, inputs);
      if (twoInputs.has(node.op) && inputs.some(({ name }) => meant.has(name)) && inputs.every((input) => isRowwise(input, out.shape)))
        return make(
          out.name,
          inputs.map((input) => (input.constant ? input : flat(input, emit))),
        );
      const rest =
        node.op === 'Reshape' && meant.has(inputs[0]!.name) ? afterLeading(inputs[1]!, shapeOf(inputs[0]!).length - 1) : undefined;
      if (rest) return [emit('Reshape', out.name, [inputs[0]!, target(inputs[0]!, rest, emit)], {})];
    }
    const reads = inputs.map((input) => wide(input, emit));
    if (node.op === 'Reshape') before.set(out.name, reads[0]!);
    return { reads };
  });

  function shapeOf(value: Value): Shape {
    return meant.get(value.name) ?? value.shape;
  }

  function isRowwise(input: Value, shape: Shape): boolean {
    return input.constant ? input.shape.length <= 1 : shapeOf(input).join() === shape.join();
  }

  function flat(value: Value, emit: Emit): Value {
    const known = meant.has(value.name) ? value : flats.get(value.name);
    if (known) return known;
    const leading = value.shape.slice(0, -1);
    if (!sizes.has(leading.join())) sizes.set(leading.join(), leadingSizes(value, leading, emit));
    const width = Number(value.shape.at(-1));
    const rows = constantValue(`rows/${width}`, tensorOf('int64', [2], [-1, width]));
    const made = emit('Reshape', `${value.name}/rows`, [before.get(value.name) ?? value, rows], {});
    meant.set(made.name, value.shape);
    flats.set(value.name, made);
    return made;
  }

  function wide(value: Value, emit: Emit): Value {
    const shape = meant.get(value.name);
    if (!shape) return value;
    const made = wides.get(value.name) ?? emit('Reshape', `${value.name}/wide`, [value, target(value, [Number(shape.at(-1))], emit)], {});
    wides.set(value.name, made);
    return made;
  }

  /** A shape: the leading dims of what `flat` stands for, then `rest`. */
  function target(value: Value, rest: readonly number[], emit: Emit): Value {
    const leading = shapeOf(value).slice(0, -1).join();
    const key = `${leading}|${rest}`;
    const known = sizes.get(key);
    if (known) return known;
    const part = constantValue(`rows/to-${rest.join('x')}`, tensorOf('int64', [rest.length], rest));
    const made = emit('Concat', `rows/shape-${sizes.size}`, [sizes.get(leading)!, part], { axis: 0 });
    sizes.set(key, made);
    return made;
  }

  function leadingSizes(value: Value, leading: Shape, emit: Emit): Value {
    const input = graph.inputs.find(({ shape }) => shape.join() === leading.join());
    if (input) return emit('Shape', `rows/shape-of-${input.name}`, [input], {});
    const whole = emit('Shape', `${value.name}/shape`, [value], {});
    const [start, end] = [0, leading.length].map((at) => constantValue(`rows/at-${at}`, tensorOf('int64', [1], [at])));
    return emit('Slice', `${value.name}/leading`, [whole, start!, end!, start!], {});
  }
}

/** Normalises over the last dim alone, and nothing reads its statistics. */
const isRowNorm = ({ op, attributes, inputs }: Node): boolean =>
  op === 'LayerNormalization' && (attributes.axis === -1 || attributes.axis === inputs[0]!.shape.length - 1);

/** What a reshape asks for behind dims that it copies; undefined where it does not. */
function afterLeading({ constant }: Value, leading: number): readonly number[] | undefined {
  const asked = constant ? Array.from(constant.data as BigInt64Array, Number) : [];
  const copies = asked.length > leading && asked.slice(0, leading).every((size) => size === 0);
  return copies && asked.slice(leading).every((size) => size > 0) ? asked.slice(leading) : undefined;
}
