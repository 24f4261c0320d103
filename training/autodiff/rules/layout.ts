import {
  concat,
  expandLike,
  fillLike,
  numbersOf,
  type OpFamily,
  pad,
  reshapeLike,
  scatterAdd,
  slice,
  transpose,
  type Value,
} from '../../../models/index.js';
import { type GradientRules, notDifferentiable } from '../rule.js';

export const layout: GradientRules<OpFamily['layout']> = {
  Transpose: (g, { attributes: { perm } }, [dy]) => [
    transpose(
      g,
      dy,
      perm.map((_, i) => perm.indexOf(i)),
    ),
  ],
  Reshape: (g, { inputs: [x] }, [dy]) => [reshapeLike(g, dy, x!), undefined],
  Unsqueeze: (g, { inputs: [x] }, [dy]) => [reshapeLike(g, dy, x!), undefined],
  Squeeze: (g, { inputs: [x] }, [dy]) => [reshapeLike(g, dy, x!), undefined],
  Expand: (_g, _node, [dy]) => [dy, undefined], // summed to the shape of x where that is done for every op
  Shape: notDifferentiable('a shape does not change with the values'),
  ConstantOfShape: () => [undefined],
  Concat: (g, { inputs, attributes: { axis } }, [dy]) => {
    const at = axis < 0 ? axis + dy.shape.length : axis;
    let start = 0;
    return inputs.map((x): Value => {
      const size = x.shape[at];
      if (typeof size !== 'number') throw new Error(`internal: autodiff: Concat along the named dim ${size}`);
      start += size;
      return slice(g, dy, { axis: at, start: start - size, end: start });
    });
  },
  // dy put back at its place among zeros; where their number is not known, rows of the sliced axis added at their indices
  Slice: (g, { name, inputs: [x, starts, ends, axes] }, [dy]) => {
    const [axis, ...others] = numbersOf(axes!.constant!);
    const rank = x!.shape.length;
    const at = axis! < 0 ? axis! + rank : axis!;
    const [start, size] = [numbersOf(starts!.constant!)[0]!, dy.shape[at]];
    if (others.length > 0 || typeof size !== 'number' || start < 0) {
      throw new Error(
        `internal: autodiff: Slice (${name}) of ${x!.name} by ${ends!.name}: only one axis, from a known start to a known end`,
      );
    }
    const whole = x!.shape[at];
    if (typeof whole === 'number') return [pad(g, dy, { [at]: [start, whole - start - size] })];
    const places = g.constant(
      Array.from({ length: size }, (_, i) => start + i),
      'int64',
      Array.from({ length: rank }, (_, i) => (i === at ? size : 1)),
    );
    return [scatterAdd(g, fillLike(g, x!, 0), expandLike(g, places, dy), dy, at)];
  },
  Split: (g, { outputs, attributes: { axis } }, dys) => [
    concat(
      g,
      outputs.map((y, i) => dys[i] ?? fillLike(g, y, 0)),
      axis,
    ),
  ],
  // What was added is taken away, what was taken away becomes zeros.
  Pad: (g, { inputs: [x, pads] }, [dy]) => {
    const counts = numbersOf(pads!.constant!);
    const rank = x!.shape.length;
    return [pad(g, dy, Object.fromEntries(x!.shape.map((_, i) => [i, [0 - counts[i]!, 0 - counts[i + rank]!] as const]))), undefined];
  },
};
