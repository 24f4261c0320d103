import { numbersOf, type OpFamily, type Value } from '../../../../models/index.js';
import { attribute } from '../attributes.js';
import type { FunctionWriter, Operand } from '../function-writer.js';
import { entryAt, reshapeTo, shapeOf, vectorOf } from '../run-time-shapes.js';
import type { TensorflowOps } from '../write-graph.js';

export const layout: TensorflowOps<OpFamily['layout']> = {
  Transpose: ({ w }, [x], { perm }) => [w.add('Transpose', [x!, w.constant(perm)])],
  Reshape: ({ w, node }, [x, shape]) => {
    const [given, wanted] = node.inputs as readonly [Value, Value];
    const target = node.outputs[0]!.shape;
    const open = target.filter((dim) => typeof dim === 'string').length;
    return [open <= 1 || wanted.constant ? reshapeTo(w, x!, target, [[x!, given.shape]]) : w.add('Reshape', [x!, shape!])];
  },
  Unsqueeze: ({ w, node }, [x]) => {
    const rank = node.outputs[0]!.shape.length;
    return [axesOf(node.inputs[1]!, rank).reduce((y, axis) => w.add('ExpandDims', [y, w.constant(axis)]), x!)];
  },
  Squeeze: ({ w, node }, [x]) => {
    const axes = axesOf(node.inputs[1]!, node.inputs[0]!.shape.length);
    return [w.add('Squeeze', [x!], { attributes: { squeeze_dims: attribute.ints(axes) } })];
  },
  Expand: ({ w, node }, [x, shape]) => {
    const { constant, holds } = node.inputs[1]!;
    const wanted = constant ? numbersOf(constant) : holds;
    const whole = wanted?.join() === node.outputs[0]!.shape.join() ? shape! : w.add('BroadcastArgs', [shapeOf(w, x!), shape!]);
    return [w.add('BroadcastTo', [x!, whole])];
  },
  Shape: ({ w }, [x]) => [shapeOf(w, x!)],
  ConstantOfShape: ({ w }, [shape], { value, type }) => [w.add('Fill', [shape!, w.constant(value, type)], { type })],
  Concat: ({ w }, inputs, { axis }) => [
    w.add('ConcatV2', [...inputs, w.constant(axis)], { attributes: { Tidx: attribute.type('int32') } }),
  ],
  Slice: ({ w, node }, [x, , ends]) => {
    const [given, starts, stops, axes] = node.inputs as readonly [Value, Value, Value, Value];
    const rank = given.shape.length;
    const places = numbersOf(axes.constant!).map((axis) => (axis < 0 ? axis + rank : axis));
    const from = numbersOf(starts.constant!);
    const known = stops.constant && numbersOf(stops.constant);
    const range = places.map((_, i) => ({ start: from[i]!, end: known ? w.constant(known[i]!) : entryAt(w, ends!, i) }));
    return [sliced(w, x!, rank, new Map(places.map((axis, i) => [axis, range[i]!])))];
  },
  Split: ({ w, node }, [x], { axis, num_outputs }) => {
    const first = w.add('Split', [w.constant(axis), x!], { attributes: { num_split: attribute.int(num_outputs) }, type: x!.type });
    return node.outputs.map((_, i) => w.result(first, i));
  },
  Pad: ({ w, node }, [x]) => {
    const rank = node.inputs[0]!.shape.length;
    const counts = numbersOf(node.inputs[1]!.constant!);
    const cut = counts.slice(0, rank).flatMap((before, axis): [number, Range][] => {
      const after = counts[axis + rank]!;
      if (before >= 0 && after >= 0) return [];
      return [[axis, { start: Math.max(0, -before), end: w.constant(after < 0 ? after : 2 ** 31 - 1) }]];
    });
    const rest = cut.length > 0 ? sliced(w, x!, rank, new Map(cut)) : x!;
    const added = counts.slice(0, rank).flatMap((before, axis) => [Math.max(0, before), Math.max(0, counts[axis + rank]!)]);
    return [added.some((n) => n > 0) ? w.add('Pad', [rest, w.constant(added, 'int64', [rank, 2])]) : rest];
  },
};

type Range = { readonly start: number; readonly end: Operand };

/** Both count as ONNX does: what lies outside is cut off, negative numbers are from the end. */
function sliced(w: FunctionWriter, x: Operand, rank: number, ranges: ReadonlyMap<number, Range>): Operand {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const untouched = axes.reduce((mask, axis) => (ranges.has(axis) ? mask : mask | (1 << axis)), 0);
  const begin = w.constant(axes.map((axis) => ranges.get(axis)?.start ?? 0));
  const end = vectorOf(
    w,
    axes.map((axis) => ranges.get(axis)?.end ?? w.constant(0)),
  );
  return w.add('StridedSlice', [x, begin, end, w.constant(axes.map(() => 1))], {
    attributes: { begin_mask: attribute.int(untouched), end_mask: attribute.int(untouched) },
  });
}

/** In rising order, from the start. */
const axesOf = (axes: Value, rank: number): readonly number[] =>
  numbersOf(axes.constant!)
    .map((axis) => (axis < 0 ? axis + rank : axis))
    .sort((a, b) => a - b);
