/** @file Small expressions that together use every op: what rules, and other engines, are tested on. */
import * as ops from '../../models/index.js';
import type { GradCase } from './grad-check.js';

/** A case, and the ops whose rules it shows. */
export type NamedCase = GradCase & { readonly listed: readonly ops.OpType[] };

const cases: NamedCase[] = [];

/** Every op is listed by one case at least. */
export const gradientCases: readonly NamedCase[] = cases;

/** One line a case: what is differentiated, from which inputs. */
function check(
  op: ops.OpType | ops.OpType[],
  inputs: GradCase['inputs'],
  build: GradCase['build'],
  sizes: Readonly<Record<string, number>> = {},
): void {
  cases.push({ listed: [op].flat(), inputs, build, sizes });
}

const x = { x: { shape: [2, 3] } };
const ab = { a: { shape: [2, 3] }, b: { shape: [2, 3] } };
const row = { a: { shape: [2, 3] }, b: { shape: [3] } };
const column = { a: { shape: ['n', 1] }, b: { shape: ['n', 3] } };
const positive = { x: { shape: [2, 3], low: 0.3, high: 2 } };

for (const [name, op] of [
  ['Add', ops.add],
  ['Sub', ops.sub],
  ['Mul', ops.mul],
  ['Max', ops.max],
] as const) {
  check(name, ab, (g, { a, b }) => op(g, a!, b!));
  check(name, row, (g, { a, b }) => op(g, a!, b!));
  check(name, column, (g, { a, b }) => op(g, a!, b!), { n: 2 });
}
check('Div', { a: { shape: [2, 3] }, b: { shape: [3], low: 0.5, high: 2 } }, (g, { a, b }) => ops.div(g, a!, b!));
check(['Where', 'Greater'], ab, (g, { a, b }) => ops.where(g, ops.greater(g, a!, 0.1), ops.mul(g, a!, a!), b!));
check(['Equal', 'Not'], x, (g, v) => ops.where(g, ops.not(g, ops.equal(g, v.x!, 0)), ops.exp(g, v.x!), 0));
for (const [name, op] of [
  ['Neg', ops.neg],
  ['Abs', ops.abs],
  ['Exp', ops.exp],
  ['Tanh', ops.tanh],
  ['Erf', ops.erf],
  ['Sigmoid', ops.sigmoid],
  ['Relu', ops.relu],
  ['Gelu', ops.gelu],
  ['Identity', ops.identity],
] as const) {
  check(name, x, (g, v) => op(g, v.x!));
}
check('Log', positive, (g, v) => ops.log(g, v.x!));
check('Sqrt', positive, (g, v) => ops.sqrt(g, v.x!));
check('Cast', x, (g, v) => ops.cast(g, ops.cast(g, v.x!, 'float32'), 'float64'));
check('MatMul', { a: { shape: [2, 3] }, b: { shape: [3, 4] } }, (g, { a, b }) => ops.matMul(g, a!, b!));
check('MatMul', { a: { shape: ['batch', 'tokens', 3] }, b: { shape: [3, 2] } }, (g, { a, b }) => ops.matMul(g, a!, b!), {
  batch: 2,
  tokens: 3,
});
check(
  'MatMul',
  { a: { shape: ['batch', 2, 'tokens', 3] }, b: { shape: ['batch', 2, 3, 'tokens'] } },
  (g, { a, b }) => ops.matMul(g, a!, b!),
  { batch: 2, tokens: 3 },
);
check('MatMul', { a: { shape: [2, 3, 4] }, b: { shape: [1, 4, 2] } }, (g, { a, b }) => ops.matMul(g, a!, b!));
for (const transA of [false, true]) {
  for (const transB of [false, true]) {
    check('Gemm', { a: { shape: transA ? [3, 2] : [2, 3] }, b: { shape: transB ? [4, 3] : [3, 4] } }, (g, { a, b }) =>
      ops.gemm(g, a!, b!, { transA, transB }),
    );
  }
}
/** Nothing flows back through rounded numbers: constants on their way to a weight. */
check(['QuantizeLinear', 'MatMulInteger', 'DequantizeLinear'], x, (g, v) => {
  const [scale, zero] = [g.constant(0.05), g.constant(128, 'uint8')];
  const bytes = ops.quantizeLinear(g, g.constant([1, -2, 0.3, 0.7, 4, -5], g.float, [2, 3]), scale, zero);
  const weights = g.constant([3, -1, 2, 5, 7, -4, 1, 6, -2], 'int8', [3, 3]);
  return ops.mul(g, v.x!, ops.dequantizeLinear(g, ops.matMulInteger(g, bytes, weights, zero), g.constant([0.1, 0.2]), 0));
});
check('Transpose', { x: { shape: [2, 3, 4] } }, (g, v) => ops.transpose(g, v.x!, [2, 0, 1]));
check('Reshape', { x: { shape: ['batch', 'tokens', 6] } }, (g, v) => ops.reshape(g, v.x!, ['batch', 'tokens', 2, 3]), {
  batch: 2,
  tokens: 2,
});
check(['Reshape', 'Shape'], { x: { shape: ['batch', 'tokens', 2] } }, (g, v) => ops.reshape(g, v.x!, ['batch*tokens', 2]), {
  batch: 2,
  tokens: 3,
});
check('Unsqueeze', x, (g, v) => ops.unsqueeze(g, v.x!, [1]));
check('Squeeze', { x: { shape: [2, 1, 3] } }, (g, v) => ops.squeeze(g, v.x!, [1]));
check(['Expand', 'Shape'], { a: { shape: ['n', 1] }, b: { shape: ['n', 3] } }, (g, { a, b }) => ops.mul(g, ops.expandLike(g, a!, b!), b!), {
  n: 2,
});
check('ConstantOfShape', { x: { shape: ['n', 2] } }, (g, v) => ops.mul(g, v.x!, ops.fillLike(g, v.x!, 3)), { n: 2 });
check('Concat', { a: { shape: [2, 3] }, b: { shape: [2, 1] } }, (g, { a, b }) => ops.concat(g, [a!, b!, a!], 1));
check('Slice', { x: { shape: ['batch', 5, 2] } }, (g, v) => ops.slice(g, v.x!, { axis: 1, start: 1, end: 3 }), { batch: 2 });
check('Gather', { x: { shape: [4, 3] } }, (g, v) => ops.gather(g, v.x!, g.constant([1, 1, 0, 3, 1, 2], 'int64', [2, 3])));
check('Gather', { x: { shape: [2, 4, 3] } }, (g, v) => ops.gather(g, v.x!, g.constant([3, 3, 0], 'int64'), 1));
check('GatherElements', { x: { shape: [2, 4] } }, (g, v) => ops.gatherElements(g, v.x!, g.constant([1, 1, 3, 0], 'int64', [2, 2]), 1));
check('ScatterElements', { a: { shape: [2, 4] }, b: { shape: [2, 2] } }, (g, { a, b }) =>
  ops.scatterAdd(g, a!, g.constant([1, 1, 3, 0], 'int64', [2, 2]), b!, 1),
);
for (const [name, op] of [
  ['ReduceSum', ops.reduceSum],
  ['ReduceMean', ops.reduceMean],
  ['ReduceMax', ops.reduceMax],
] as const) {
  check(name, { x: { shape: ['n', 3, 2] } }, (g, v) => op(g, v.x!, { axes: [1] }), { n: 2 });
  check(name, { x: { shape: ['n', 3, 2] } }, (g, v) => op(g, v.x!, { axes: [0, 2], keepdims: true }), { n: 2 });
}
check('Softmax', { x: { shape: [2, 3, 4] } }, (g, v) => ops.softmax(g, v.x!));
check('Softmax', { x: { shape: [2, 3, 4] } }, (g, v) => ops.softmax(g, v.x!, 1));
check(
  'LayerNormalization',
  { x: { shape: ['n', 2, 5] }, s: { shape: [5] }, b: { shape: [5] } },
  (g, { x: v, s, b }) => ops.layerNormalization(g, v!, s!, b!, 1e-5),
  { n: 2 },
);
check('LayerNormalization', { x: { shape: [5] }, s: { shape: [5] }, b: { shape: [5] } }, (g, { x: v, s, b }) =>
  ops.layerNormalization(g, v!, s!, b!, 1e-5),
);
for (const part of [0, 1]) check('Split', { x: { shape: ['n', 6] } }, (g, v) => ops.split(g, v.x!, { axis: 1, parts: 2 })[part]!, { n: 2 });
check('Split', x, (g, v) => {
  const [a, b, c] = ops.split(g, v.x!, { axis: 1, parts: 3 });
  return ops.add(g, ops.mul(g, a!, b!), ops.exp(g, c!));
});
check('Pad', { x: { shape: ['n', 4] } }, (g, v) => ops.pad(g, ops.pad(g, v.x!, { 0: [0, 3] }), { 0: [-3, 0], 1: [2, -1] }), { n: 2 });
check('Gather', { x: { shape: ['n', 3] } }, (g, v) => ops.gather(g, v.x!, g.constant([2, 0, 1], 'int64'), 1), { n: 2 });
check('Slice', { x: { shape: ['n', 3] } }, (g, v) => ops.slice(g, v.x!, { axis: -1, start: 1, end: 2 }), { n: 2 });
for (const exclusive of [false, true])
  for (const reverse of [false, true])
    check('CumSum', { x: { shape: ['n', 3] } }, (g, v) => ops.cumSum(g, v.x!, { axis: 1, exclusive, reverse }), { n: 2 });
check(['Scan', 'Mul'], { x: { shape: [2, 3] } }, (g, v) => {
  const [start, entries] = [g.constant([0.5, -1, 2]), g.constant([1, 2, 3, -4, 5, 6], 'float64', [2, 3])];
  const turn = ops.scan(g, { states: [start], scanned: [entries], reversed: true }, (body, [state], [entry]) => {
    const next = ops.tanh(body, ops.add(body, state!, entry!));
    return { states: [next], outputs: [ops.mul(body, next, entry!)] };
  });
  return ops.mul(g, v.x!, ops.add(g, turn.outputs[0]!, turn.states[0]!));
});

/** Recurrent weights of 2 units over 3 inputs. */
const units = (directions: number) => ({
  w: { shape: [directions, 6, 3] },
  r: { shape: [directions, 6, 2] },
  b: { shape: [directions, 12] },
});
for (const [direction, directions] of [
  ['forward', 1],
  ['reverse', 1],
  ['bidirectional', 2],
] as const) {
  check(
    'GRU',
    { x: { shape: ['tokens', 'batch', 3] }, ...units(directions) },
    (g, { x: v, w, r, b }) => ops.gru(g, { x: v!, weight: w!, recurrence: r!, bias: b! }, direction)[0],
    { tokens: 3, batch: 2 },
  );
  // A text of four tokens beside one of two: both outputs, from a state of their own.
  check(
    'GRU',
    { x: { shape: ['tokens', 2, 3] }, ...units(directions), initial: { shape: [directions, 2, 2] } },
    (g, { x: v, w, r, b, initial }) => {
      const lengths = g.constant([4, 2], 'int32');
      const given = { x: v!, weight: w!, recurrence: r!, bias: b!, lengths, initial: initial! };
      const [y, last] = ops.gru(g, given, direction);
      return ops.add(g, y, ops.mul(g, last, last));
    },
    { tokens: 4 },
  );
}
// The last state alone, and no bias.
check('GRU', { x: { shape: [3, 2, 3] }, w: { shape: [1, 6, 3] }, r: { shape: [1, 6, 2] } }, (g, v) => {
  const lengths = g.constant([3, 1], 'int32');
  return ops.gru(g, { x: v.x!, weight: v.w!, recurrence: v.r!, lengths }, 'reverse')[1];
});
