/** @file The graph: an immutable list of ONNX nodes. Everything else builds one, rewrites one, or runs one. */
import type { Tensor, TensorType } from '../runtime/session.js';

/** A size: known, or named and bound when the graph runs. `batch*tokens` is the product of two named sizes. */
export type Dim = number | string;
export type Shape = readonly Dim[];
export type FloatType = 'float32' | 'float64';

type None = Readonly<Record<never, never>>;
type Axis = { readonly axis: number };
type Keep = { readonly keepdims: boolean };

/**
 * Attributes each op takes, by the family whose files hold it. One line here is what makes an op exist; the compiler then asks for its shape
 * rule, its reference and its gradient.
 */
type Families = {
  elementwise: {
    Add: None;
    Sub: None;
    Mul: None;
    Div: None;
    Max: None;
    Equal: None;
    Greater: None;
    Not: None;
    Where: None;
    Neg: None;
    Abs: None;
    Exp: None;
    Log: None;
    Sqrt: None;
    Tanh: None;
    Erf: None;
    Sigmoid: None;
    Relu: None;
    Gelu: None;
    /** `stopsGradient` is ours alone: the backward pass ends there. An .onnx file does not hold it. */
    Identity: { readonly stopsGradient: boolean };
    Cast: { readonly to: TensorType };
  };
  matmul: {
    MatMul: None;
    Gemm: { readonly transA: boolean; readonly transB: boolean };
  };
  /** Small integers in place of floats: `x ≈ (q - zero) · scale`. */
  quantization: {
    /** Inputs x, scale and zero point. The last two are scalars, or hold one value for each entry of `axis`; the zero point is uint8, and so is the result. */
    QuantizeLinear: Axis;
    /** Inputs x and scale, which is a scalar, or holds one value for each entry of `axis`. */
    DequantizeLinear: Axis;
    /** Inputs a and b, and the zero point of a: the product of (a - zero) and b in int32. */
    MatMulInteger: None;
  };
  layout: {
    Transpose: { readonly perm: readonly number[] };
    Reshape: None;
    Unsqueeze: None;
    Squeeze: None;
    Expand: None;
    Shape: None;
    ConstantOfShape: { readonly value: number; readonly type: TensorType };
    Concat: Axis;
    Slice: None;
    Split: Axis & { readonly num_outputs: number };
    /** Zeros before and after each dim; a negative number takes elements away. */
    Pad: { readonly mode: 'constant' };
  };
  indexing: {
    Gather: Axis;
    GatherElements: Axis;
    ScatterElements: Axis & { readonly reduction: 'none' | 'add' };
  };
  reduction: {
    ReduceSum: Keep;
    ReduceMean: Keep;
    ReduceMax: Keep;
  };
  normalization: {
    Softmax: Axis;
    LayerNormalization: Axis & { readonly epsilon: number };
  };
  recurrent: {
    GRU: {
      readonly direction: 'forward' | 'reverse' | 'bidirectional';
      readonly hidden_size: number;
      readonly linear_before_reset: boolean;
    };
    /**
     * A graph run once for each entry of the first dim of its scan inputs. Inputs: states, then `num_scan_inputs` scan inputs, then `captures`
     * values that every turn reads as they are, under their own names. `captures` is ours alone: a file holds those by name only.
     */
    Scan: {
      readonly body: Graph;
      readonly num_scan_inputs: number;
      readonly captures: number;
      /** 0: first to last, 1: last to first; one a scan input, and one a scan output. */
      readonly scan_input_directions: readonly number[];
      readonly scan_output_directions: readonly number[];
    };
    CumSum: { readonly exclusive: boolean; readonly reverse: boolean };
  };
};

/** The ops of each family. */
export type OpFamily = { readonly [F in keyof Families]: keyof Families[F] };
export type OpAttributes = Families['elementwise'] &
  Families['matmul'] &
  Families['quantization'] &
  Families['layout'] &
  Families['indexing'] &
  Families['reduction'] &
  Families['normalization'] &
  Families['recurrent'];
export type OpType = keyof OpAttributes;

/** What flows along an edge. */
export type Value = {
  readonly name: string;
  readonly shape: Shape;
  readonly type: TensorType;
  /** The content, where it is known when the graph is built. */
  readonly constant?: Tensor;
  /** Of a tensor that is itself a shape: the shape it holds. */
  readonly holds?: Shape;
};

/** Stands for an optional input that is left out, where another follows it. */
export const absent: Value = { name: '', shape: [], type: 'float32' };

export type Node<K extends OpType = OpType> = {
  readonly [T in K]: {
    readonly op: T;
    /** `path/Op_n`: where it was written, and its place in the graph. */
    readonly name: string;
    readonly inputs: readonly Value[];
    readonly attributes: OpAttributes[T];
    readonly outputs: readonly Value[];
  };
}[K];

export type Graph = {
  readonly nodes: readonly Node[];
  /** Fed at each run: data and, until they are frozen, parameters. */
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
};
