import { describe, expect, test } from 'vitest';
import { UsageError } from '../errors.js';
import { GraphBuilder } from './builder.js';
import type { OpAttributes, OpType, Shape, Value } from './graph.js';
import { opTypes } from './infer.js';
import { reshape, reshapeLike, shapeOf, slice, take, unsqueeze } from './ops/layout.js';
import { opCases, titleOf, writeCase } from './testing/op-cases.js';

describe('the shape of each op is known while the graph is built', () => {
  for (const opCase of opCases) test(titleOf(opCase), () => expect(writeCase(opCase).y.shape).toEqual(opCase.gives));

  test('every op has a case', () => {
    const covered = new Set<string>(opCases.flatMap(({ listed }) => listed));
    expect([...opTypes].filter((op) => !covered.has(op))).toEqual([]);
  });
});

type Given = Shape | { readonly shape: Shape; readonly type: Value['type'] } | { readonly constant: readonly number[] };
/** The message of the refusal to write the node, with `a`, `b`, `c` given. */
function refusal<K extends OpType>(op: K, given: readonly Given[], attributes: OpAttributes[K]): { code: string; message: string } {
  const g = new GraphBuilder();
  const values = given.map((one, i): Value => {
    if ('constant' in one) return g.constant(one.constant, 'int64');
    return 'type' in one ? g.input('abc'[i]!, one.shape, one.type) : g.input('abc'[i]!, one);
  });
  try {
    g.at('encoder.0').add(op, values, attributes);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return error as UsageError;
  }
  throw new Error(`${op} was written`);
}

const bool = (...shape: Shape) => ({ shape, type: 'bool' as const });
const int64 = (...shape: Shape) => ({ shape, type: 'int64' as const });

describe('a node that cannot be is refused by its name, with the shapes and what to do', () => {
  test('the whole message', () => {
    expect(
      refusal(
        'MatMul',
        [
          ['batch', 3],
          [2, 4],
        ],
        {},
      ),
    ).toMatchObject({
      code: 'graph/shape',
      message:
        'MatMul: inner dims differ: a is float32 [batch,3], b is float32 [2,4] (node encoder.0/MatMul_0). Fix: the last dim of a must equal the last but one of b.',
    });
  });

  const shape = (op: OpType, given: readonly Given[], attributes: object, message: RegExp) =>
    test(`${op} of ${JSON.stringify(given)} ${JSON.stringify(attributes)}: ${message.source}`, () => {
      const { code, message: text } = refusal(op, given, attributes as OpAttributes[typeof op]);
      expect(code).toBe('graph/shape');
      expect(text).toMatch(message);
      expect(text).toMatch(/^\w+: .*\(node encoder\.0\/\w+_0\)\. Fix: \S.*\.$/);
    });
  shape(
    'Add',
    [
      ['batch', 3],
      ['batch', 4],
    ],
    {},
    /a is float32 \[batch,3\], b is float32 \[batch,4\]/,
  );
  shape('Add', [['batch'], ['tokens']], {}, /make batch and tokens equal, or one of them 1/);
  shape('Where', [bool(2), [2], [3]], {}, /dims do not broadcast: b is float32 \[2\], c is float32 \[3\]/);
  shape('MatMul', [[3], [3, 2]], {}, /takes two matrices or stacks of them: a is float32 \[3\]/);
  shape(
    'MatMul',
    [
      ['batch', 2, 3],
      ['tokens', 3, 2],
    ],
    {},
    /make batch and tokens equal/,
  );
  shape(
    'Gemm',
    [
      [2, 3, 4],
      [4, 2],
    ],
    { transA: false, transB: false },
    /takes two matrices/,
  );
  shape(
    'Gemm',
    [
      [3, 2],
      [4, 3],
    ],
    { transA: true, transB: false },
    /a is float32 \[3,2\] transposed, b is float32 \[4,3\]/,
  );
  shape('Transpose', [[2, 3]], { perm: [0, 0] }, /perm \[0,0\] does not name each dim once: a is float32 \[2,3\]/);
  shape('Reshape', [[2, 3], { constant: [4] }], {}, /the number of elements changes: a is float32 \[2,3\] to \[4\]/);
  shape('Reshape', [['batch', 3], { constant: [2, -1, 3, 5] }], {}, /the number of elements changes/);
  shape('Reshape', [['batch', 6], { constant: [2, 3] }], {}, /the number of elements changes: a is float32 \[batch,6\]/);
  shape('Reshape', [[2, 3], { constant: [0, 0, 0] }], {}, /no dim 2 to copy/);
  shape('Reshape', [[2, 3], int64(2)], {}, /cannot tell the shape that b holds/);
  shape('Unsqueeze', [[2, 3], { constant: [3] }], {}, /axis 3 is outside a is float32 \[2,3\]/);
  shape('Unsqueeze', [[2, 3], int64(1)], {}, /b must be known when the graph is built/);
  shape('Squeeze', [[2, 3], { constant: [1] }], {}, /dim 1 is not 1: a is float32 \[2,3\]/);
  shape('Expand', [[2, 3], { constant: [2, 4] }], {}, /dims do not broadcast/);
  shape('Expand', [[2, 3], int64(2)], {}, /cannot tell the shape that b holds/);
  shape('ConstantOfShape', [int64(1)], { value: 0, type: 'float32' }, /cannot tell the shape that a holds/);
  shape(
    'Concat',
    [
      ['batch', 3],
      ['tokens', 1],
    ],
    { axis: 1 },
    /shapes differ off axis 1/,
  );
  shape('Concat', [[2], [2]], { axis: 1 }, /axis 1 is outside a is float32 \[2\]/);
  shape('Slice', [['n', 2], { constant: [0] }, { constant: [-1] }, { constant: [0] }], {}, /cannot tell the size of n from 0 to -1/);
  shape('Gather', [[2, 3], int64(2)], { axis: 2 }, /axis 2 is outside a is float32 \[2,3\]/);
  shape('GatherElements', [[2, 3], int64(2)], { axis: 0 }, /ranks differ: a is float32 \[2,3\], b is int64 \[2\]/);
  shape('GatherElements', [[2, 3], int64(2, 4)], { axis: 0 }, /dim 1 of the indices does not lie within the data/);
  shape('GatherElements', [['n', 3], int64('m', 3)], { axis: 1 }, /dim 0 of the indices does not lie within the data/);
  shape('ScatterElements', [[2, 3], int64(1, 3), [2, 3]], { axis: 0, reduction: 'add' }, /indices and updates differ/);
  shape('ScatterElements', [[2, 3], int64(1, 3), [1, 3]], { axis: -3, reduction: 'add' }, /axis -3 is outside/);
  shape('ReduceSum', [[2, 3], { constant: [2] }], { keepdims: true }, /axis 2 is outside a is float32 \[2,3\]/);
  shape('ReduceMean', [[2, 3], { constant: [] }], { keepdims: true }, /no axes for a, which ONNX takes for all of them/);
  shape('ReduceMax', [[2, 3], int64(1)], { keepdims: true }, /the axes of a must be known when the graph is built/);
  shape('Softmax', [[2, 3]], { axis: 2 }, /axis 2 is outside a is float32 \[2,3\]/);
  shape('LayerNormalization', [[2, 3], [3], [2]], { axis: -1, epsilon: 1e-5 }, /c is float32 \[2\], but the dims normalised are \[3\]/);

  shape('Split', [[2, 3]], { axis: 1, num_outputs: 2 }, /dim 1 cannot be cut into 2 equal parts: a is float32 \[2,3\]/);
  shape('Split', [['n', 3]], { axis: 0, num_outputs: 2 }, /dim 0 cannot be cut into 2 equal parts: a is float32 \[n,3\]/);
  shape('Pad', [[2, 3], { constant: [1, 1] }], { mode: 'constant' }, /2 pads for a is float32 \[2,3\]/);
  shape('Pad', [[2], { constant: [1, 1] }], { mode: 'reflect' }, /pads with zeros on every axis, not otherwise \(mode reflect\)/);
  shape('CumSum', [[2, 3], int64(1)], { exclusive: false, reverse: false }, /the axis of a must be known when the graph is built/);
  const gru = { direction: 'forward', hidden_size: 4, linear_before_reset: true };
  shape(
    'GRU',
    [
      [3, 'batch'],
      [1, 12, 5],
      [1, 12, 4],
    ],
    gru,
    /takes \[tokens, batch, inputs\], but a is float32 \[3,batch\]/,
  );
  shape(
    'GRU',
    [
      [3, 'batch', 6],
      [1, 12, 5],
      [1, 12, 4],
    ],
    gru,
    /b is float32 \[1,12,5\], not \[1,12,6\]/,
  );
  shape(
    'GRU',
    [
      [3, 'batch', 5],
      [1, 12, 5],
      [1, 12, 4],
    ],
    { ...gru, direction: 'bidirectional' },
    /not \[2,12,5\]/,
  );
  shape(
    'GRU',
    [
      [3, 'batch', 5],
      [1, 12, 5],
      [1, 12, 4],
    ],
    { ...gru, linear_before_reset: false },
    /computes linear_before_reset 1, not otherwise/,
  );
  shape(
    'GRU',
    [
      [3, 'batch', 5],
      [1, 12, 5],
      [1, 12, 4],
    ],
    { ...gru, clip: 3 },
    /not otherwise \(clip\)/,
  );
  const body = new GraphBuilder();
  const [state, entry] = [body.input('s', [2]), body.input('e', [2])];
  const once = { body: body.graph([body.add('Add', [state, entry], {})[0]!]), num_scan_inputs: 1, captures: 0, scan_input_directions: [0], scan_output_directions: [] }; // biome-ignore format: a table
  shape('Scan', [[2], ['n', 3]], once, /b is float32 \[n,3\] does not fit e is float32 \[2\] in the body/);
  shape('Scan', [[3], ['n', 2]], once, /a is float32 \[3\] does not fit s is float32 \[2\] in the body/);
  shape('Scan', [['n', 2]], once, /1 inputs for a body of 2/);

  const type = (op: OpType, given: readonly Given[], attributes: object, message: RegExp) =>
    test(`${op} of ${JSON.stringify(given)} ${JSON.stringify(attributes)}: ${message.source}`, () => {
      const { code, message: text } = refusal(op, given, attributes as OpAttributes[typeof op]);
      expect(code).toBe('graph/type');
      expect(text).toMatch(message);
      expect(text).toMatch(/^\w+: .*\(node encoder\.0\/\w+_0\)\. Fix: \S.*\.$/);
    });
  type('Add', [[2], int64(2)], {}, /types differ: a is float32 \[2\], b is int64 \[2\]/);
  type('Mul', [bool(2), bool(2)], {}, /takes numbers, but a is bool \[2\]/);
  type('Greater', [bool(2), bool(2)], {}, /takes numbers, but a is bool \[2\]/);
  type('Equal', [[2], int64(2)], {}, /types differ/);
  type('Not', [[2]], {}, /takes bool, but a is float32 \[2\]/);
  type('Where', [[2], [2], [2]], {}, /the condition must be bool, but a is float32 \[2\]/);
  type('Where', [bool(2), [2], int64(2)], {}, /types differ: b is float32 \[2\], c is int64 \[2\]/);
  type('Neg', [bool(2)], {}, /takes numbers/);
  type('Exp', [int64(2)], {}, /takes floats, but a is int64 \[2\].*cast a to float32 first/);
  type('MatMul', [[2, 3], int64(3, 2)], {}, /types differ/);
  type('Gemm', [bool(2, 3), bool(3, 2)], { transA: false, transB: false }, /takes numbers/);
  type('Concat', [[2], int64(2)], { axis: 0 }, /types differ/);
  type('Gather', [[2, 3], [2]], { axis: 0 }, /indices must be int64, but b is float32 \[2\]/);
  type('GatherElements', [[2], [2]], { axis: 0 }, /indices must be int64/);
  type('ScatterElements', [[2], int64(2), int64(2)], { axis: 0, reduction: 'add' }, /types differ: a is float32 \[2\], c is int64 \[2\]/);
  type('ReduceSum', [bool(2), { constant: [0] }], { keepdims: false }, /takes numbers/);
  type('Softmax', [int64(2, 3)], { axis: -1 }, /takes floats, but a is int64 \[2,3\]/);
  type('LayerNormalization', [[2, 3], int64(3), [3]], { axis: -1, epsilon: 1e-5 }, /types differ/);
});

describe('shapes that are known only when the graph runs', () => {
  const g = new GraphBuilder();
  const [ids, flat] = [g.input('ids', ['batch', 'tokens']), g.input('flat', ['batch*tokens', 8])];

  test('a value that holds a shape says which, and so does its part', () => {
    expect(shapeOf(g, ids)).toMatchObject({ shape: [2], type: 'int64', holds: ['batch', 'tokens'] });
    expect(slice(g, shapeOf(g, ids), { axis: 0, start: 1, end: 2 })).toMatchObject({ shape: [1], holds: ['tokens'] });
  });

  test('what is taken by a held size has that size', () => {
    const tokens = slice(g, shapeOf(g, ids), { axis: 0, start: 1, end: 2 });
    expect(take(g, g.constant([1, 2, 3, 4], 'int64'), tokens).shape).toEqual(['tokens']);
  });

  test('a product of dims is taken apart by a shape that holds both, and by none that holds others', () => {
    const like = g.input('like', ['batch', 'tokens', 8]);
    expect(reshapeLike(g, flat, like).shape).toEqual(['batch', 'tokens', 8]);
    const other = g.input('other', ['batch', 'letters', 8]);
    expect(() => reshapeLike(g, flat, other)).toThrow(/letters is not among the dims: flat is float32 \[batch\*tokens,8\]/);
  });

  test('reshape: the target is what comes out, or an error', () => {
    expect(reshape(g, ids, ['batch', 'tokens'])).toBe(ids);
    expect(reshape(g, flat, ['batch*tokens', 2, 4]).shape).toEqual(['batch*tokens', 2, 4]);
    expect(() => reshape(g, flat, ['batch', 'tokens', 8])).toThrow(/moves more than one named dim\. Fix: reshape in two steps/);
    expect(() => reshape(g, flat, ['tokens', 8])).toThrow(/reshape: \[batch\*tokens,8\] gives \[batch\*tokens,8\], not \[tokens,8\]/);
  });
});

test('a builder: names stay unique, equal constants are one, and a graph is cut down to what its outputs need', () => {
  const g = new GraphBuilder();
  const [x, y] = [g.input('x', [2]), g.input('y', [2])];
  expect(() => g.at('layer').input('x', [3])).toThrow(/input x: the name is already taken in this graph\. Fix: /);
  expect(g.constant([0, 1])).toBe(g.constant([0, 1]));
  expect(g.constant([0])).not.toBe(g.constant([-0])); // 1 / x tells them apart
  expect(g.constant([1])).not.toBe(g.constant(1));
  expect(g.constant(1, 'int64')).not.toBe(g.constant(1));
  const [kept] = g.add('Exp', [x], {});
  g.add('Exp', [y], {});
  const last = unsqueeze(g, kept!, [0]);
  const { nodes, inputs, outputs } = g.graph([last]);
  expect(nodes.map(({ name }) => name)).toEqual(['Exp_0', 'Unsqueeze_2']);
  expect(inputs).toEqual([x]);
  expect(outputs).toEqual([last]);
});
