/** @file The operators of TensorFlow that we write: how each names its result, and which attribute holds the type of which input. */

type Operator = {
  /** Name of the (first) result. */
  readonly output: string;
  /** Attributes that hold a type, and the input whose type it is. */
  readonly types?: Readonly<Record<string, number>>;
  /** The attribute that counts the inputs that are a list, and how many follow that list. */
  readonly count?: readonly [attribute: string, after: number];
};

const unary = (output: string): Operator => ({ output, types: { T: 0 } });
const binary: Operator = { output: 'z', types: { T: 0 } };
const reduction: Operator = { output: 'output', types: { T: 0, Tidx: 1 } };

export const operators = {
  AddV2: binary,
  Sub: binary,
  Mul: binary,
  RealDiv: binary,
  TruncateDiv: binary,
  Maximum: binary,
  Equal: binary,
  Greater: binary,
  Less: binary,
  LogicalNot: { output: 'y' },
  SelectV2: { output: 'output', types: { T: 1 } },
  Neg: unary('y'),
  Abs: unary('y'),
  Exp: unary('y'),
  Log: unary('y'),
  Sqrt: unary('y'),
  Rsqrt: unary('y'),
  Tanh: unary('y'),
  Erf: unary('y'),
  Sigmoid: unary('y'),
  Round: unary('y'),
  Relu: unary('activations'),
  Identity: unary('output'),
  Cast: { output: 'y', types: { SrcT: 0 } },
  MatMul: { output: 'product', types: { T: 0 } },
  BatchMatMulV2: unary('output'),
  Transpose: { output: 'y', types: { T: 0, Tperm: 1 } },
  Reshape: { output: 'output', types: { T: 0, Tshape: 1 } },
  ExpandDims: { output: 'output', types: { T: 0, Tdim: 1 } },
  Squeeze: unary('output'),
  BroadcastTo: { output: 'output', types: { T: 0, Tidx: 1 } },
  BroadcastArgs: { output: 'r0', types: { T: 0 } },
  Shape: unary('output'),
  Fill: { output: 'output', types: { T: 1, index_type: 0 } },
  Range: { output: 'output', types: { Tidx: 0 } },
  Pack: { output: 'output', types: { T: 0 }, count: ['N', 0] },
  ConcatV2: { output: 'output', types: { T: 0 }, count: ['N', 1] },
  StridedSlice: { output: 'output', types: { T: 0, Index: 1 } },
  Split: { output: 'output', types: { T: 1 } },
  Pad: { output: 'output', types: { T: 0, Tpaddings: 1 } },
  GatherV2: { output: 'output', types: { Tparams: 0, Tindices: 1, Taxis: 2 } },
  UnsortedSegmentSum: { output: 'output', types: { T: 0, Tindices: 1, Tnumsegments: 2 } },
  TensorScatterUpdate: { output: 'output', types: { T: 0, Tindices: 1 } },
  Sum: reduction,
  Mean: reduction,
  Max: reduction,
  Prod: reduction,
  Softmax: { output: 'softmax', types: { T: 0 } },
  Cumsum: { output: 'out', types: { T: 0, Tidx: 1 } },
  ClipByValue: unary('output'),
  StatelessWhile: { output: 'output' },
  TensorListReserve: { output: 'handle', types: { shape_type: 0 } },
  TensorListSetItem: { output: 'output_handle', types: { element_dtype: 2 } },
  TensorListStack: { output: 'tensor' },
  ReadVariableOp: { output: 'value' },
} as const satisfies Readonly<Record<string, Operator>>;

export type OperatorName = keyof typeof operators;
export const operatorOf = (name: OperatorName): Operator => operators[name];
