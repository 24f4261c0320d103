import type { OpFamily, Value } from '../graph.js';
import { sameType } from './elementwise.js';
import { axisOf } from './layout.js';
import { describe, type Fail, type InferRules } from './rule.js';

export const indexing: InferRules<OpFamily['indexing']> = {
  Gather: ([x, indices], { axis }, fail) => {
    checkType(indices!, fail);
    const at = axisOf(axis, x!.shape.length, x!, fail);
    return [{ shape: [...x!.shape.slice(0, at), ...indices!.shape, ...x!.shape.slice(at + 1)], type: x!.type }];
  },
  GatherElements: ([x, indices], { axis }, fail) => {
    checkPlaces(x!, indices!, axis, fail);
    return [{ shape: indices!.shape, type: x!.type }];
  },
  ScatterElements: ([x, indices, updates], { axis }, fail) => {
    checkPlaces(x!, indices!, axis, fail);
    if (indices!.shape.join() !== updates!.shape.join()) {
      fail('graph/shape', `indices and updates differ: ${describe(indices!)}, ${describe(updates!)}`, 'give each update one index.');
    }
    return [{ shape: x!.shape, type: sameType(x!, updates!, fail) }];
  },
};

function checkType(indices: Value, fail: Fail): void {
  if (indices.type !== 'int64' && indices.type !== 'int32')
    fail('graph/type', `indices must be int64, but ${describe(indices)}`, 'cast them to int64.');
}

/** One index for each element: of the rank of the data, and off the axis no larger than it. */
function checkPlaces(x: Value, indices: Value, axis: number, fail: Fail): void {
  checkType(indices, fail);
  const at = axisOf(axis, x.shape.length, x, fail);
  if (x.shape.length !== indices.shape.length)
    fail('graph/shape', `ranks differ: ${describe(x)}, ${describe(indices)}`, 'give indices the rank of the data.');
  indices.shape.forEach((dim, i) => {
    const size = x.shape[i]!;
    if (i !== at && (typeof dim === 'number' && typeof size === 'number' ? dim > size : dim !== size))
      fail(
        'graph/shape',
        `dim ${i} of the indices does not lie within the data: ${describe(x)}, ${describe(indices)}`,
        `make ${dim} ${size}.`,
      );
  });
}
