import {
  expandLike,
  fillLike,
  numbersOf,
  type OpFamily,
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
  // dy put back at its place among zeros: rows of the sliced axis added at their indices
  Slice: (g, { name, inputs: [x, starts, ends, axes] }, [dy]) => {
    const [axis, ...others] = numbersOf(axes!.constant!);
    const [start, size] = [numbersOf(starts!.constant!)[0]!, dy.shape[axis!]];
    if (others.length > 0 || typeof size !== 'number' || start < 0) {
      throw new Error(
        `internal: autodiff: Slice (${name}) of ${x!.name} by ${ends!.name}: only one axis, from a known start to a known end`,
      );
    }
    const rank = x!.shape.length;
    const places = g.constant(
      Array.from({ length: size }, (_, i) => start + i),
      'int64',
      Array.from({ length: rank }, (_, i) => (i === (axis! < 0 ? axis! + rank : axis) ? size : 1)),
    );
    return [scatterAdd(g, fillLike(g, x!, 0), expandLike(g, places, dy), dy, axis!)];
  },
};
