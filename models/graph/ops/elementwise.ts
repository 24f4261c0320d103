/** @file One value in, or two that broadcast, one value out. */
import type { TensorType } from '../../runtime/session.js';
import type { GraphBuilder } from '../builder.js';
import type { OpAttributes, OpType, Value } from '../graph.js';

type Plain = { [K in OpType]: keyof OpAttributes[K] extends never ? K : never }[OpType];
/** A number stands for a constant of the other operand's type. */
type Operand = Value | number;

const only = (values: readonly Value[]): Value => values[0]!;
const unary =
  (op: Plain) =>
  (g: GraphBuilder, x: Value): Value =>
    only(g.add(op, [x], {} as OpAttributes[typeof op]));
const binary =
  (op: Plain) =>
  (g: GraphBuilder, a: Operand, b: Operand): Value => {
    const type = typeof a === 'object' ? a.type : typeof b === 'object' ? b.type : g.float;
    const [x, y] = [a, b].map((operand) => (typeof operand === 'number' ? g.constant(operand, type) : operand));
    return only(g.add(op, [x!, y!], {} as OpAttributes[typeof op]));
  };

export const add = binary('Add');
export const sub = binary('Sub');
export const mul = binary('Mul');
export const div = binary('Div');
export const max = binary('Max');
export const equal = binary('Equal');
export const greater = binary('Greater');
export const not = unary('Not');
export const neg = unary('Neg');
export const abs = unary('Abs');
export const exp = unary('Exp');
export const log = unary('Log');
export const sqrt = unary('Sqrt');
export const tanh = unary('Tanh');
export const erf = unary('Erf');
export const sigmoid = unary('Sigmoid');
export const relu = unary('Relu');
export const gelu = unary('Gelu');
export const identity = (g: GraphBuilder, x: Value): Value => only(g.add('Identity', [x], { stopsGradient: false }));
/** `x`, taken as a constant by the backward pass. */
export const stopGradient = (g: GraphBuilder, x: Value): Value => only(g.add('Identity', [x], { stopsGradient: true }));

export const cast = (g: GraphBuilder, x: Value, to: TensorType): Value => (x.type === to ? x : only(g.add('Cast', [x], { to })));

/** `condition ? a : b`, element by element. */
export const where = (g: GraphBuilder, condition: Value, a: Operand, b: Operand): Value => {
  const type = typeof a === 'object' ? a.type : typeof b === 'object' ? b.type : g.float;
  const [x, y] = [a, b].map((operand) => (typeof operand === 'number' ? g.constant(operand, type) : operand));
  return only(g.add('Where', [condition, x!, y!], {}));
};
