import type { Dim, OpFamily, Shape, Value } from '../graph.js';
import { numbersOf } from '../tensor.js';
import { broadcast, sameType } from './elementwise.js';
import { describe, type Fail, type InferRules } from './rule.js';

export const layout: InferRules<OpFamily['layout']> = {
  Transpose: ([x], { perm }, fail) => {
    if ([...perm].sort((a, b) => a - b).join() !== x!.shape.map((_, i) => i).join()) {
      fail('graph/shape', `perm [${perm}] does not name each dim once: ${describe(x!)}`, `give ${x!.shape.length} different axes.`);
    }
    return [{ shape: perm.map((axis) => x!.shape[axis]!), type: x!.type }];
  },
  Reshape: ([x, shape], _, fail) => [{ shape: reshaped(x!, shapeHeld(shape!, fail), fail), type: x!.type }],
  Unsqueeze: ([x, axes], _, fail) => {
    const at = constantOf(axes!, fail);
    const rank = x!.shape.length + at.length;
    const added = new Set(at.map((axis) => axisOf(axis, rank, x!, fail)));
    const rest = [...x!.shape];
    return [{ shape: Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : rest.shift()!)), type: x!.type }];
  },
  Squeeze: ([x, axes], _, fail) => {
    const removed = new Set(constantOf(axes!, fail).map((axis) => axisOf(axis, x!.shape.length, x!, fail)));
    for (const axis of removed) {
      if (x!.shape[axis] !== 1) fail('graph/shape', `dim ${axis} is not 1: ${describe(x!)}`, 'squeeze only dims of size 1.');
    }
    return [{ shape: x!.shape.filter((_, i) => !removed.has(i)), type: x!.type }];
  },
  Expand: ([x, shape], _, fail) => [{ shape: broadcast(x!, { ...shape!, shape: shapeHeld(shape!, fail) }, fail), type: x!.type }],
  Shape: ([x]) => [{ shape: [x!.shape.length], type: 'int64', holds: x!.shape }],
  ConstantOfShape: ([shape], { type }, fail) => [{ shape: shapeHeld(shape!, fail), type }],
  Concat: (inputs, { axis }, fail) => {
    const [first] = inputs;
    const at = axisOf(axis, first!.shape.length, first!, fail);
    for (const other of inputs.slice(1)) {
      sameType(first!, other, fail);
      if (other.shape.length !== first!.shape.length || other.shape.some((dim, i) => i !== at && dim !== first!.shape[i])) {
        fail('graph/shape', `shapes differ off axis ${at}: ${describe(first!)}, ${describe(other)}`, `make all dims but dim ${at} equal.`);
      }
    }
    const sizes = inputs.map(({ shape }) => shape[at]!);
    const joined: Dim = sizes.every((size) => typeof size === 'number') ? sizes.reduce((a, b) => a + b, 0) : sizes.join('+');
    const held = inputs.map(({ constant, holds, type }) => (type !== 'int64' ? undefined : constant ? numbersOf(constant) : holds));
    const holds = held.every((part) => part !== undefined) && first!.shape.length === 1 ? { holds: held.flat() } : {};
    return [{ shape: first!.shape.map((dim, i) => (i === at ? joined : dim)), type: first!.type, ...holds }];
  },
  Slice: ([x, starts, ends, axes], _, fail) => {
    const [from, at] = [constantOf(starts!, fail), constantOf(axes!, fail)];
    const to = shapeHeld(ends!, fail);
    const shape: Dim[] = [...x!.shape];
    at.forEach((axis, i) => {
      const place = axisOf(axis, shape.length, x!, fail);
      shape[place] = sliced(x!, shape[place]!, from[i]!, to[i]!, fail);
    });
    const held = x!.constant ? undefined : x!.holds;
    return [{ shape, type: x!.type, ...(held ? { holds: held.slice(from[0], Number(to[0])) } : {}) }];
  },
  Split: ([x], { axis, num_outputs }, fail) => {
    const at = axisOf(axis, x!.shape.length, x!, fail);
    const size = Number(x!.shape[at]) / num_outputs;
    if (!Number.isInteger(size))
      fail(
        'graph/shape',
        `dim ${at} cannot be cut into ${num_outputs} equal parts: ${describe(x!)}`,
        'split a known multiple of the parts.',
      );
    const shape = x!.shape.map((dim, i) => (i === at ? size : dim));
    return Array.from({ length: num_outputs }, () => ({ shape, type: x!.type }));
  },
  Pad: ([x, pads, ...others], { mode }, fail) => {
    const rank = x!.shape.length;
    const counts = constantOf(pads!, fail);
    if (mode !== 'constant' || others.length > 0)
      fail('graph/shape', `pads with zeros on every axis, not otherwise (mode ${mode})`, 'leave out mode, value and axes.');
    if (counts.length !== 2 * rank)
      fail('graph/shape', `${counts.length} pads for ${describe(x!)}`, `give ${2 * rank}: before each dim, then after each.`);
    return [{ shape: x!.shape.map((dim, i) => padded(dim, counts[i]! + counts[i + rank]!)), type: x!.type }];
  },
};

/** A dim grown by `count`: `tokens` by 9 is `tokens+9`, and that by -9 is `tokens` again. */
function padded(dim: Dim, count: number): Dim {
  if (typeof dim === 'number') return dim + count;
  const [, name, grown] = /^(.*?)(?:\+(-?\d+))?$/.exec(dim)!;
  const total = Number(grown ?? 0) + count;
  return total === 0 ? name! : `${name}+${total}`;
}

/** The size of `from` up to `to` of a dim; a named end counts as lying within the dim. */
function sliced(x: Value, size: Dim, from: number, to: Dim, fail: Fail): Dim {
  if (typeof to === 'string')
    return from === 0 ? to : fail('graph/shape', `cannot tell the size from ${from} to ${to}: ${describe(x)}`, 'start at 0.');
  if (typeof size === 'number') {
    const clamp = (n: number) => Math.min(Math.max(n < 0 ? n + size : n, 0), size);
    return Math.max(0, clamp(to) - clamp(from));
  }
  if (from >= 0 && to > from && to < 2 ** 31) return to - from;
  return fail(
    'graph/shape',
    `cannot tell the size of ${size} from ${from} to ${to}: ${describe(x)}`,
    'slice a named dim with 0 <= start < end.',
  );
}

/** The shape that a shape tensor stands for: its content where constant, else what `Shape` was taken of. */
function shapeHeld(shape: Value, fail: Fail): Shape {
  if (shape.constant) return numbersOf(shape.constant);
  return (
    shape.holds ??
    fail('graph/shape', `cannot tell the shape that ${shape.name} holds`, 'take it from a Shape node (shapeOf), or give a constant.')
  );
}

function constantOf(value: Value, fail: Fail): readonly number[] {
  return value.constant
    ? numbersOf(value.constant)
    : fail('graph/shape', `${value.name} must be known when the graph is built`, 'pass a constant.');
}

export function axisOf(axis: number, rank: number, x: Value, fail: Fail): number {
  const at = axis < 0 ? axis + rank : axis;
  return at >= 0 && at < rank ? at : fail('graph/shape', `axis ${axis} is outside ${describe(x)}`, `use -${rank} to ${rank - 1}.`);
}

/** ONNX Reshape: 0 copies the dim at that place, one -1 takes what is left. */
function reshaped(x: Value, target: Shape, fail: Fail): Shape {
  const shape = target.map(
    (size, i): Dim => (size === 0 ? (x.shape[i] ?? fail('graph/shape', `no dim ${i} to copy: ${describe(x)}`, 'give a size.')) : size),
  );
  const given = factors(x.shape);
  const open = shape.indexOf(-1);
  const taken = factors(shape.filter((_, i) => i !== open));
  for (const name of taken.names) {
    const at = given.names.indexOf(name);
    if (at < 0) fail('graph/shape', `${name} is not among the dims: ${describe(x)} to [${target}]`, 'keep named dims.');
    given.names.splice(at, 1);
  }
  const rest = given.size / taken.size;
  if (!Number.isInteger(rest) || (open < 0 && (rest !== 1 || given.names.length > 0))) {
    fail('graph/shape', `the number of elements changes: ${describe(x)} to [${shape}]`, 'the product of the dims must stay the same.');
  }
  if (open < 0) return shape;
  const left: Dim = given.names.length === 0 ? rest : [...given.names, ...(rest === 1 ? [] : [rest])].join('*');
  return shape.map((dim, i) => (i === open ? left : dim));
}

/** The product of the dims as a number and a list of names: [batch*tokens, 8, 2] is 16 and [batch, tokens]. */
function factors(shape: Shape): { size: number; names: string[] } {
  const parts = shape.flatMap((dim) =>
    typeof dim === 'number' ? [dim] : dim.split('*').map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
  );
  return {
    size: parts.reduce<number>((product, part) => (typeof part === 'number' ? product * part : product), 1),
    names: parts.filter((part) => typeof part === 'string'),
  };
}
