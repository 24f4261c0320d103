import type { OpFamily, OpType, TensorType } from '../../../../models/index.js';
import { attribute } from '../attributes.js';
import type { FunctionWriter, Operand } from '../function-writer.js';
import type { OperatorName } from '../operators.js';
import type { TensorflowOp, TensorflowOps } from '../write-graph.js';

const one =
  (operator: OperatorName): TensorflowOp<OpType> =>
  ({ w }, inputs) => [w.add(operator, inputs)];
const truth =
  (operator: OperatorName): TensorflowOp<OpType> =>
  ({ w }, inputs) => [w.add(operator, inputs, { type: 'bool' })];

export const elementwise: TensorflowOps<OpFamily['elementwise']> = {
  Add: one('AddV2'),
  Sub: one('Sub'),
  Mul: one('Mul'),
  Div: ({ w }, [a, b]) => [w.add(a!.type.startsWith('float') ? 'RealDiv' : 'TruncateDiv', [a!, b!])],
  Max: one('Maximum'),
  Equal: truth('Equal'),
  Greater: truth('Greater'),
  Not: one('LogicalNot'),
  Where: ({ w }, [condition, a, b]) => [w.add('SelectV2', [condition!, a!, b!], { type: a!.type })],
  Neg: one('Neg'),
  Abs: one('Abs'),
  Exp: one('Exp'),
  Log: one('Log'),
  Sqrt: one('Sqrt'),
  Tanh: one('Tanh'),
  Erf: one('Erf'),
  Sigmoid: one('Sigmoid'),
  Relu: one('Relu'),
  Gelu: ({ w }, [x]) => {
    const number = (value: number) => w.constant(value, x!.type as TensorType);
    const both = w.add('AddV2', [w.add('Erf', [w.add('Mul', [x!, number(Math.SQRT1_2)])]), number(1)]); // 2·Φ(x)
    return [w.add('Mul', [w.add('Mul', [x!, number(0.5)]), both])];
  },
  Identity: one('Identity'),
  Cast: ({ w }, [x], { to }) => [castTo(w, x!, to)],
};

export const castTo = (w: FunctionWriter, x: Operand, to: TensorType): Operand =>
  w.add('Cast', [x], { attributes: { DstT: attribute.type(to) }, type: to });
