import { numbersOf, type OpFamily, type Value } from '../../../../models/index.js';
import { attribute } from '../attributes.js';
import type { FunctionWriter, Operand } from '../function-writer.js';
import { shapeOf, sizeAt } from '../run-time-shapes.js';
import type { Site, TensorflowOps } from '../write-graph.js';

export const indexing: TensorflowOps<OpFamily['indexing']> = {
  Gather: ({ w, node }, [x, indices], { axis }) => {
    const [{ shape }, { constant }] = node.inputs as readonly [Value, Value];
    const at = axis < 0 ? axis + shape.length : axis;
    const rising = constant && numbersOf(constant).every((index) => index >= 0);
    return [w.add('GatherV2', [x!, rising ? indices! : fromStart(w, indices!, sizeAt(w, x!, at)), w.constant(at)])];
  },
  GatherElements: ({ w, node }, [x, indices], { axis }) => {
    const flat = places(w, x!, indices!, node.inputs[0]!.shape.length, axis);
    return [w.add('GatherV2', [w.add('Reshape', [x!, w.constant([-1])]), flat, w.constant(0)])];
  },
  ScatterElements: (site, [x, indices, updates], { axis, reduction }) => {
    const { w, node } = site;
    const rows = reduction === 'add' ? rowsOf(site, axis) : undefined;
    if (rows) {
      const ids = fromStart(w, w.add('Reshape', [site.find(rows), w.constant([-1])]), sizeAt(w, x!, 0));
      return [plus(site, x!, w.add('UnsortedSegmentSum', [updates!, ids, sizeAt(w, x!, 0)]))];
    }
    const [vector, column] = [w.constant([-1]), w.constant([-1, 1])];
    const flat = places(w, x!, indices!, node.inputs[0]!.shape.length, axis);
    const values = w.add('Reshape', [updates!, vector]);
    if (reduction === 'none') {
      const changed = w.add('TensorScatterUpdate', [w.add('Reshape', [x!, vector]), w.add('Reshape', [flat, column]), values]);
      return [w.add('Reshape', [changed, shapeOf(w, x!)])];
    }
    const count = w.add('Prod', [shapeOf(w, x!), w.constant([0])]);
    const sum = w.add('UnsortedSegmentSum', [values, w.add('Reshape', [flat, vector]), count]);
    return [plus(site, x!, w.add('Reshape', [sum, shapeOf(w, x!)]))];
  },
};

/** Where whole rows of the first dim are added to: the row of each update. So the gradient of a table that was looked up in is written. */
function rowsOf({ node, source }: Site<'ScatterElements'>, axis: number): Value | undefined {
  const from = source(node.inputs[1]!);
  const ids = from?.op === 'Expand' ? from.inputs[0]! : undefined;
  return axis === 0 && ids && ids.shape.length > 1 && ids.shape.slice(1).every((size) => size === 1) ? ids : undefined;
}

/** Zeros are not added to. */
function plus({ w, node, source }: Site<'ScatterElements'>, x: Operand, sum: Operand): Operand {
  const from = source(node.inputs[0]!);
  return from?.op === 'ConstantOfShape' && from.attributes.value === 0 ? sum : w.add('AddV2', [x, sum]);
}

/** Indices below 0 count from the end; the result counts all from the start. */
function fromStart(w: FunctionWriter, indices: Operand, size: Operand): Operand {
  const below = w.add('Less', [indices, w.constant(0)], { type: 'bool' });
  return w.add('SelectV2', [below, w.add('AddV2', [indices, size]), indices], { type: indices.type });
}

/** Where in `x`, laid out in one row, the element lies that each index along `axis` names. */
function places(w: FunctionWriter, x: Operand, indices: Operand, rank: number, axis: number): Operand {
  const along = axis < 0 ? axis + rank : axis;
  let [stride, sum]: [Operand, Operand | undefined] = [w.constant(1), undefined];
  for (let at = rank - 1; at >= 0; at--) {
    const steps = at === along ? fromStart(w, indices, sizeAt(w, x, at)) : stepsAlong(w, indices, rank, at);
    const part = w.add('Mul', [steps, stride]);
    sum = sum ? w.add('AddV2', [sum, part]) : part;
    stride = w.add('Mul', [stride, sizeAt(w, x, at)]);
  }
  return sum!;
}

/** 0, 1, 2, … along one dim of `x`, and 1 along the others. */
function stepsAlong(w: FunctionWriter, x: Operand, rank: number, at: number): Operand {
  const range = w.add('Range', [w.constant(0), sizeAt(w, x, at), w.constant(1)], { attributes: { Tidx: attribute.type('int32') } });
  return w.add('Reshape', [range, w.constant(Array.from({ length: rank }, (_, i) => (i === at ? -1 : 1)))]);
}
