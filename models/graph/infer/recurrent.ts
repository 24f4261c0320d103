/** @file Ops that go along a dim entry by entry. */
import type { OpFamily, Value } from '../graph.js';
import { numbersOf } from '../tensor.js';
import { floatType, numberType, sameType } from './elementwise.js';
import { axisOf } from './layout.js';
import { describe, type Fail, type InferRules } from './rule.js';

export const recurrent: InferRules<OpFamily['recurrent']> = {
  GRU: ([x, weight, recurrence, bias, lengths, initial], { direction, hidden_size: hidden, linear_before_reset, ...others }, fail) => {
    const further = Object.keys(others).filter((key) => key !== 'layout' || (others as { layout: number }).layout !== 0);
    if (!linear_before_reset || further.length > 0)
      fail('graph/shape', `computes linear_before_reset 1, not otherwise (${further})`, 'leave out layout, clip and activations.');
    const type = floatType(x!, fail);
    const [tokens, batch, inputs] = x!.shape;
    const directions = direction === 'bidirectional' ? 2 : 1;
    if (x!.shape.length !== 3) fail('graph/shape', `takes [tokens, batch, inputs], but ${describe(x!)}`, 'transpose x first.');
    const wanted = [
      [weight, [directions, 3 * hidden, inputs!]],
      [recurrence, [directions, 3 * hidden, hidden]],
      [bias, [directions, 6 * hidden]],
      [lengths, [batch!]],
      [initial, [directions, batch!, hidden]],
    ] as const;
    for (const [value, shape] of wanted) {
      if (!value?.name) continue;
      if (value.shape.join() !== shape.join())
        fail('graph/shape', `${describe(value)}, not [${shape}]: ${describe(x!)}`, 'see the op GRU of ONNX.');
      if (value !== lengths) sameType(x!, value, fail);
      else if (value.type !== 'int32') fail('graph/type', `lengths must be int32, but ${describe(value)}`, 'cast them to int32.');
    }
    return [
      { shape: [tokens!, directions, batch!, hidden], type },
      { shape: [directions, batch!, hidden], type },
    ];
  },
  Scan: (inputs, { body, num_scan_inputs: scanned, captures }, fail) => {
    const states = inputs.length - scanned - captures;
    if (scanned < 1 || states < 0 || inputs.length !== body.inputs.length || body.outputs.length < states)
      fail(
        'graph/shape',
        `${inputs.length} inputs for a body of ${body.inputs.length}`,
        'give states, scan inputs and captures in this order.',
      );
    const [length] = inputs[states]!.shape;
    inputs.forEach((value, i) => {
      const isScanned = i >= states && i < states + scanned;
      if (isScanned && value.shape[0] !== length)
        fail(
          'graph/shape',
          `scan inputs differ in length: ${describe(inputs[states]!)}, ${describe(value)}`,
          'give each one entry a turn.',
        );
      agree(value, body.inputs[i]!, isScanned ? value.shape.slice(1) : value.shape, fail);
    });
    for (let i = 0; i < states; i++) agree(body.outputs[i]!, inputs[i]!, body.outputs[i]!.shape, fail);
    return body.outputs.map(({ shape, type }, i) => ({ shape: i < states ? shape : [length!, ...shape], type }));
  },
  CumSum: ([x, axis], _, fail) => {
    if (!axis!.constant) return fail('graph/shape', `the axis of ${x!.name} must be known when the graph is built`, 'pass a constant.');
    axisOf(numbersOf(axis!.constant)[0]!, x!.shape.length, x!, fail);
    return [{ shape: x!.shape, type: numberType(x!, fail) }];
  },
};

/** What goes round or in must have the shape and type of the place that it goes to. */
function agree(value: Value, place: Value, shape: Value['shape'], fail: Fail): void {
  if (shape.join() !== place.shape.join() || value.type !== place.type)
    fail('graph/shape', `${describe(value)} does not fit ${describe(place)} in the body`, 'give both the same shape and type.');
}
