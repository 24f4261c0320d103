/** @file Products with a weight done in 8-bit integers, with a scale for each row of what is multiplied: no row sees another. */
import { type Graph, type OpType, tensorOf, type Value } from '../../models/index.js';
import { constantValue, type Emit, rewrite } from './rewrite.js';
import { roundWeights } from './round-weights.js';
import { layerOf, tokenProduct, type Weight } from './token-products.js';

export type QuantizeOptions = {
  /** Whether a layer is left as it is, by its name. Default: none is. */
  readonly keep?: (layer: string) => boolean;
};

/** 7 bits and the sign: of two products added in 16 bits, as processors with AVX2 alone do it, 2 · 255 · 64 is the most that fits. */
export const mostOfWeights = 64;

const lastAxis = constantValue('int8/last-axis', tensorOf('int64', [1], [-1]));
const float = (value: number): Value => constantValue(`int8/${value}`, tensorOf('float32', [], [value]));

/** How the values of a row are laid into 0 to 255. */
type Range = {
  /** What stands for 0. */
  readonly zero: number;
  /** The least scale: so large that nothing below 0 is cut off, and more than 0 for a row of zeros. */
  readonly leastScale: number;
  /** Whether a row is measured by its sizes, or by its largest value, as nothing lies far below 0. */
  readonly bySize: boolean;
};

const eitherSign: Range = { zero: 128, leastScale: 1e-30, bySize: true };

/** What comes out of these is hardly below 0 or not at all: most of the 256 steps are for what is above it. */
const ranges: { readonly [K in OpType]?: Range } = {
  Gelu: { zero: 24, leastScale: 0.17 / 24, bySize: false }, // its least value is -0.16997
  Relu: { zero: 0, leastScale: 1e-30, bySize: false },
  Sigmoid: { zero: 0, leastScale: 1e-30, bySize: false },
};

type Row = { readonly values: Value; readonly scale: Value; readonly zero: Value };

/**
 * For a product x · W that is done for every token, of rows [rows, inputs] (`flattenRows` sees to it):
 *
 *     scale   [rows]             the largest of |x| in a row, / 127
 *     q       [rows, inputs]     x / scale + 128, uint8
 *     x · W   [rows, outputs]    ((q - 128) · Q) · scale · column, where W ≈ Q · column with int8 Q and a scale for each column
 *
 * What several products read is quantised once.
 */
export function quantizeProducts(graph: Graph, { keep = () => false }: QuantizeOptions = {}): Graph {
  const rows = new Map<string, Row>();
  const writer = new Map(graph.nodes.map(({ op, outputs }) => [outputs[0]!.name, op]));
  const zeros = new Map<string, Value>();
  const weights = new Map<string, readonly [values: Value, scales: Value]>();
  return rewrite(graph, (node, inputs, emit) => {
    const weight = tokenProduct(node, inputs);
    const [x] = inputs;
    if (!weight || x!.shape.length !== 2 || keep(layerOf(weight))) return undefined;
    const { values, scale, zero } = rows.get(x!.name) ?? quantized(x!, emit);
    rows.set(x!.name, { values, scale, zero });
    const [integers, columns] = weights.get(weight.name) ?? rounded(weight);
    weights.set(weight.name, [integers, columns]);
    const name = node.outputs[0]!.name;
    const sums = emit('MatMulInteger', `${name}/int32`, [values, integers, zero], {}); // [rows, outputs]
    return [emit('Mul', name, [emit('DequantizeLinear', `${name}/rows`, [sums, scale], { axis: 0 }), columns], {})];
  });

  function quantized(x: Value, emit: Emit): Row {
    const { zero, leastScale, bySize } = ranges[writer.get(x.name) as OpType] ?? eitherSign;
    const part = (what: string): string => `${x.name}/${what}`;
    const top = emit('ReduceMax', part('top'), [bySize ? emit('Abs', part('abs'), [x], {}) : x, lastAxis], { keepdims: false }); // [rows]
    const step = emit('Mul', part('step'), [top, float(1 / (255 - zero))], {});
    const scale = emit('Max', part('scale'), [step, float(leastScale)], {});
    const key = `${scale.shape}|${zero}`;
    const everywhere =
      zeros.get(key) ?? emit('ConstantOfShape', part('zero'), [emit('Shape', part('count'), [scale], {})], { value: zero, type: 'uint8' });
    zeros.set(key, everywhere);
    const values = emit('QuantizeLinear', part('uint8'), [x, scale, everywhere], { axis: 0 });
    return { values, scale, zero: constantValue(`int8/zero-${zero}`, tensorOf('uint8', [], [zero])) };
  }
}

function rounded(weight: Weight): readonly [values: Value, scales: Value] {
  const { values, scales } = roundWeights(weight.constant, { over: 0, most: mostOfWeights });
  return [constantValue(`${weight.name}.int8`, values), constantValue(`${weight.name}.scale`, { ...scales, dims: scales.dims.slice(1) })];
}
