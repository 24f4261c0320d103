import { sameType } from './elementwise.js';
import { axisOf } from './layout.js';
import { describe, type InferRules } from './rule.js';

export const indexing: InferRules<'Gather' | 'GatherElements' | 'ScatterElements'> = {
  Gather: ([x, indices], { axis }, fail) => {
    if (indices!.type !== 'int64' && indices!.type !== 'int32')
      fail('graph/type', `indices must be int64, but ${describe(indices!)}`, 'cast them to int64.');
    const at = axisOf(axis, x!.shape.length, x!, fail);
    return [{ shape: [...x!.shape.slice(0, at), ...indices!.shape, ...x!.shape.slice(at + 1)], type: x!.type }];
  },
  GatherElements: ([x, indices], _, fail) => {
    if (x!.shape.length !== indices!.shape.length)
      fail('graph/shape', `ranks differ: ${describe(x!)}, ${describe(indices!)}`, 'give indices the rank of the data.');
    return [{ shape: indices!.shape, type: x!.type }];
  },
  ScatterElements: ([x, indices, updates], _, fail) => {
    sameType(x!, updates!, fail);
    if (indices!.shape.join() !== updates!.shape.join()) {
      fail('graph/shape', `indices and updates differ: ${describe(indices!)}, ${describe(updates!)}`, 'give each update one index.');
    }
    return [{ shape: x!.shape, type: x!.type }];
  },
};
