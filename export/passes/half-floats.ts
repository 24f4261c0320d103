/** @file Float16 weights and products, for graphics processors; float32 where half would lose what matters. */
import { type Graph, narrowFloat16, type OpType, type Value } from '../../models/index.js';
import { constantValue, type Emit, rewrite } from './rewrite.js';
import { isPerToken, leastValues } from './token-products.js';

/**
 * `half`: in float16, where it is done for every token. `full`: always in float32: sums over tokens, exponentials and logarithms by themselves, and
 * recurrences, which go on with their own errors. `follows`: moves values about, in the type they have.
 */
type Way = 'half' | 'full' | 'follows';

const ways: { readonly [K in OpType]: Way } = {
  Add: 'half',
  Sub: 'half',
  Mul: 'half',
  Div: 'half',
  Max: 'half',
  Neg: 'half',
  Abs: 'half',
  Tanh: 'half',
  Erf: 'half',
  Sigmoid: 'half',
  Relu: 'half',
  Gelu: 'half',
  MatMul: 'half',
  Gemm: 'half',
  Gather: 'half',
  Softmax: 'half', // runtimes sum it in float32
  LayerNormalization: 'half', // as above
  Exp: 'full',
  Log: 'full',
  Sqrt: 'full',
  ReduceSum: 'full',
  ReduceMean: 'full',
  ReduceMax: 'full',
  GRU: 'full',
  Scan: 'full',
  CumSum: 'full',
  ScatterElements: 'full',
  QuantizeLinear: 'full',
  DequantizeLinear: 'full',
  MatMulInteger: 'full',
  Equal: 'full',
  Greater: 'full',
  Not: 'follows',
  Where: 'half',
  Identity: 'follows',
  Cast: 'follows',
  Transpose: 'follows',
  Reshape: 'follows',
  Unsqueeze: 'follows',
  Squeeze: 'follows',
  Expand: 'follows',
  Shape: 'follows',
  ConstantOfShape: 'follows',
  Concat: 'follows',
  Slice: 'follows',
  Split: 'follows',
  Pad: 'follows',
  GatherElements: 'follows',
};

/** Below this, a half has fewer digits or none. A constant that small keeps what it is added to or compared with in float32. */
const leastNormal = 2 ** -14;

/** Inputs and outputs of the graph keep their types. */
export function halfFloats(graph: Graph): Graph {
  const others = new Map<string, Value>();
  const outputs = new Set(graph.outputs.map(({ name }) => name));

  return rewrite(graph, (node, inputs, emit) => {
    const to = typeFor(node.op, node.outputs[0]!, inputs);
    const reads = inputs.map((input) => (isFloat(input) && input.type !== to ? as(input, to, emit) : input));
    if (!outputs.has(node.outputs[0]!.name) || to === 'float32') return { reads };
    const half = emit(node.op as 'Add', `${node.name}/half`, reads, node.attributes as Record<never, never>);
    return [emit('Cast', node.outputs[0]!.name, [half], { to: 'float32' })];
  });

  function as(value: Value, to: 'float16' | 'float32', emit: Emit): Value {
    const name = `${value.name}/${to}`;
    const made = others.get(name) ?? (value.constant ? constantValue(name, halved(value)) : emit('Cast', name, [value], { to }));
    others.set(name, made);
    return made;
  }
}

function typeFor(op: OpType, output: Value, inputs: readonly Value[]): 'float16' | 'float32' {
  // ONNX Runtime 1.30 takes such a transpose up into the product behind it, and falls over where the other operand has a dim more.
  if (op === 'Transpose' && output.shape.length === 3) return 'float32';
  if (ways[op] === 'follows') {
    const floats = inputs.filter(isFloat);
    const flowing = floats.find(({ constant }) => !constant);
    // A weight that is only put into another order becomes a half at once, so that the file holds halves.
    return flowing ? (flowing.type === 'float16' ? 'float16' : 'float32') : floats.some(isWeight) ? 'float16' : 'float32';
  }
  return ways[op] === 'half' && isPerToken(output) && !inputs.some(isTooSmall) ? 'float16' : 'float32';
}

const isWeight = ({ constant }: Value): boolean => (constant?.data.length ?? 0) >= leastValues;

const isFloat = ({ type, name }: Value): boolean => name !== '' && (type === 'float32' || type === 'float16');

const isTooSmall = ({ constant }: Value): boolean =>
  constant?.type === 'float32' && constant.dims.length === 0 && constant.data[0] !== 0 && Math.abs(Number(constant.data[0])) < leastNormal;

const halved = ({ constant }: Value) => ({
  type: 'float16' as const,
  dims: constant!.dims,
  data: narrowFloat16(constant!.data as Float32Array),
});
