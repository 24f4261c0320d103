import { numbersOf, type OpFamily, type TensorType, type Value } from '../../../../models/index.js';
import { attribute } from '../attributes.js';
import type { Operand } from '../function-writer.js';
import { shapeOf, sizeAt, slicedVector } from '../run-time-shapes.js';
import type { Site, TensorflowOp, TensorflowOps } from '../write-graph.js';

const reduce =
  (operator: 'Sum' | 'Mean' | 'Max'): TensorflowOp<OpFamily['reduction']> =>
  ({ w }, [x, axes], { keepdims }) => [w.add(operator, [x!, axes!], { attributes: { keep_dims: attribute.bool(keepdims) } })];

export const reduction: TensorflowOps<OpFamily['reduction']> = {
  ReduceSum: (site, inputs, attributes) =>
    sumsColumns(site.node) ? [sumOfRows(site, inputs[0]!)] : reduce('Sum')(site, inputs, attributes),
  ReduceMean: reduce('Mean'),
  ReduceMax: reduce('Max'),
};

/** Whether all dims but the last are summed: what the gradient of a bias is. */
function sumsColumns({ inputs, attributes }: Site<'ReduceSum'>['node']): boolean {
  const [{ shape, type }, axes] = inputs as readonly [Value, Value];
  const summed = new Set(numbersOf(axes.constant!).map((axis) => (axis < 0 ? axis + shape.length : axis)));
  return (
    type === 'float32' && !attributes.keepdims && shape.length > 1 && summed.size === shape.length - 1 && !summed.has(shape.length - 1)
  );
}

/** Of a kernel's own height: a product with fewer rows XLA writes itself, down the columns one at a time, as it does with a sum. */
const height = 8;

/**
 * The sum of all rows as a product with rows of ones, all alike, of which the mean is taken: exact, as their number is a power of two. The product
 * is of a stack where `x` is one: what feeds a matrix kernel in another shape is computed twice, once for each shape.
 */
function sumOfRows({ w, node }: Site<'ReduceSum'>, x: Operand): Operand {
  const rank = node.inputs[0]!.shape.length;
  const type = x.type as TensorType;
  const rows = w.add('Pack', [w.constant(height), sizeAt(w, x, rank - 2)]);
  const sizes =
    rank === 2
      ? rows
      : w.add('ConcatV2', [slicedVector(w, shapeOf(w, x), rank - 2), rows, w.constant(0)], {
          attributes: { Tidx: attribute.type('int32') },
        });
  const ones = w.add('Fill', [sizes, w.constant(1, type)], { type });
  const product = w.add(rank === 2 ? 'MatMul' : 'BatchMatMulV2', [ones, x]); // [..., height, columns]
  const stack = w.constant(Array.from({ length: rank - 2 }, (_, i) => i));
  return w.add('Mean', [rank === 2 ? product : w.add('Sum', [product, stack]), w.constant([0])]); // [columns]
}
