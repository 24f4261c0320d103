import type { OpFamily, TensorType, Value } from '../../../../models/index.js';
import type { FunctionWriter, Operand } from '../function-writer.js';
import type { TensorflowOps } from '../write-graph.js';
import { castTo } from './elementwise.js';

export const quantization: TensorflowOps<OpFamily['quantization']> = {
  QuantizeLinear: ({ w, node }, [x, scale, zero], { axis }) => {
    const of = (one: Operand, at: number) => alongAxis(w, one, node.inputs[at]!, node.inputs[0]!, axis);
    const type = x!.type as TensorType;
    const shifted = w.add('AddV2', [w.add('Round', [w.add('RealDiv', [x!, of(scale!, 1)])]), castTo(w, of(zero!, 2), type)]);
    return [castTo(w, w.add('ClipByValue', [shifted, w.constant(0, type), w.constant(255, type)]), 'uint8')];
  },
  DequantizeLinear: ({ w, node }, [x, scale], { axis }) => [
    w.add('Mul', [castTo(w, x!, scale!.type as TensorType), alongAxis(w, scale!, node.inputs[1]!, node.inputs[0]!, axis)]),
  ],
  MatMulInteger: ({ w, node }, [a, b, zero]) => {
    const wide = (one: Operand) => castTo(w, one, 'int32');
    const operator = node.outputs[0]!.shape.length > 2 ? 'BatchMatMulV2' : 'MatMul';
    return [w.add(operator, [w.add('Sub', [wide(a!), wide(zero!)]), wide(b!)])];
  },
};

/** A value for each entry of `axis` of `x`, put along it; a scalar as it is. */
function alongAxis(w: FunctionWriter, one: Operand, { shape }: Value, x: Value, axis: number): Operand {
  if (shape.length === 0) return one;
  const at = axis < 0 ? axis + x.shape.length : axis;
  return w.add('Reshape', [one, w.constant(x.shape.map((_, i) => (i === at ? -1 : 1)))]);
}
