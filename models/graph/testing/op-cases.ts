/** @file Every op in small expressions, with the shape each must be given: for the shape rules, the reference, the runtime and the file format. */
import type { TensorType } from '../../runtime/session.js';
import { GraphBuilder } from '../builder.js';
import type { Numbers } from '../evaluate/evaluation.js';
import type { Dim, OpAttributes, OpType, Shape, Value } from '../graph.js';
import * as ops from '../ops/elementwise.js';
import * as indexing from '../ops/indexing.js';
import * as layout from '../ops/layout.js';
import { gemm, matMul } from '../ops/matmul.js';
import { layerNormalization, softmax } from '../ops/normalization.js';
import { dequantizeLinear, matMulInteger, quantizeLinear } from '../ops/quantization.js';
import { cumSum, gru, scan } from '../ops/recurrent.js';
import { reduceMax, reduceMean, reduceSum } from '../ops/reduction.js';
import { sizeOf } from '../tensor.js';

/** Default: float32 numbers between -1.5 and 1.5. */
type Input = { readonly shape: Shape; readonly type?: TensorType; readonly low?: number; readonly high?: number };
type Build = (g: GraphBuilder, ...values: Value[]) => Value;

export type OpCase = {
  /** The ops that it is there for. */
  readonly listed: readonly OpType[];
  readonly inputs: readonly Input[];
  /** The shape that the result must be given while the graph is built. */
  readonly gives: Shape;
  readonly build: Build;
};

/** Sizes of the named dims in a run. */
export const sizes: Readonly<Record<string, number>> = { batch: 2, tokens: 3, n: 4 };

const cases: OpCase[] = [];

/** Every op is listed by one case at least. */
export const opCases: readonly OpCase[] = cases;

/** One line a case: ops, inputs, the shape of the result, how it is made. Shapes are written `batch,3`. */
function check(listed: string, inputs: readonly (string | Input)[], gives: string, build: Build): void {
  const full = inputs.map((input): Input => (typeof input === 'string' ? { shape: dimsOf(input) } : input));
  cases.push({ listed: listed.split(' ') as OpType[], inputs: full, gives: dimsOf(gives), build });
}

const dimsOf = (text: string): Shape => text.split(',').map((dim) => (/^\d+$/.test(dim) ? Number(dim) : dim));
const within = (shape: string, low: number, high: number): Input => ({ shape: dimsOf(shape), low, high });
const int64 = (shape: string, high: number): Input => ({ shape: dimsOf(shape), type: 'int64', low: 0, high });
const add = <K extends OpType>(g: GraphBuilder, op: K, inputs: readonly Value[], attributes: OpAttributes[K]): Value =>
  g.add(op, inputs, attributes)[0]!;

for (const [op, of] of Object.entries({ Add: ops.add, Sub: ops.sub, Mul: ops.mul, Max: ops.max })) {
  check(op, ['batch,3', 'batch,3'], 'batch,3', of);
  check(op, ['batch,1,3', '2,1'], 'batch,2,3', of);
}
check('Mul', [int64('4', 9), int64('4', 9)], '4', ops.mul);
check('Div', ['2,n', within('n', 0.5, 2)], '2,n', ops.div);
check('Equal Cast', [int64('2,3', 2), int64('3', 2)], '2,3', (g, a, b) => ops.cast(g, ops.equal(g, a, b), 'float32'));
check('Greater Not Cast', ['batch,3', '3'], 'batch,3', (g, a, b) => ops.cast(g, ops.not(g, ops.greater(g, a, b)), 'int64'));
check('Where', ['n,1', 'n,3', '3'], 'n,3', (g, c, a, b) => ops.where(g, ops.greater(g, c, 0), a, b));
const { neg: Neg, abs: Abs, exp: Exp, tanh: Tanh, erf: Erf, sigmoid: Sigmoid, relu: Relu, gelu: Gelu, identity: Identity } = ops;
for (const [op, of] of Object.entries({ Neg, Abs, Exp, Tanh, Erf, Sigmoid, Relu, Gelu, Identity }))
  check(op, [within('batch,40', -5, 5)], 'batch,40', of);
for (const [op, of] of Object.entries({ Log: ops.log, Sqrt: ops.sqrt })) check(op, [within('3,n', 0.1, 9)], '3,n', of);
check('Cast', [within('12', -4, 4)], '12', (g, x) => ops.cast(g, ops.cast(g, x, 'int32'), 'float32'));
check('Cast', [int64('12', 3)], '12', (g, x) => ops.cast(g, ops.cast(g, x, 'bool'), 'float64'));

check('MatMul', ['batch,tokens,5', '5,2'], 'batch,tokens,2', matMul);
check('MatMul', ['batch,1,3,4', '2,4,n'], 'batch,2,3,n', matMul);
for (const transA of [false, true])
  for (const transB of [false, true])
    check('Gemm', [transA ? '3,n' : 'n,3', transB ? '2,3' : '3,2'], 'n,2', (g, a, b) => gemm(g, a, b, { transA, transB }));

const bytes = (shape: string, type: 'uint8' | 'int8'): Input => ({ shape: dimsOf(shape), type, low: type === 'int8' ? -60 : 0, high: 60 });
check('QuantizeLinear Cast', ['batch,40'], 'batch,40', (g, x) =>
  ops.cast(g, quantizeLinear(g, x, g.constant(0.01), g.constant(128, 'uint8')), 'float32'),
);
check('QuantizeLinear Cast', [within('n,3', -3, 3), within('n', 0.01, 0.1)], 'n,3', (g, x, scale) =>
  ops.cast(g, quantizeLinear(g, x, scale, layout.fillLike(g, scale, 100, 'uint8'), 0), 'float32'),
);
check('DequantizeLinear', [bytes('n,3', 'int8'), within('n', 0.1, 2)], 'n,3', (g, x, scale) => dequantizeLinear(g, x, scale, 0));
check('MatMulInteger DequantizeLinear', [bytes('n,5', 'uint8'), bytes('5,4', 'int8'), '4'], 'n,4', (g, a, b, scale) =>
  dequantizeLinear(g, matMulInteger(g, a, b, g.constant(30, 'uint8')), scale, 1),
);

check('Transpose', ['batch,tokens,4'], '4,batch,tokens', (g, x) => layout.transpose(g, x, [2, 0, 1]));
check('Reshape', ['batch,tokens,6'], 'batch,tokens,2,3', (g, x) => layout.reshape(g, x, ['batch', 'tokens', 2, 3]));
check('Reshape', ['batch,tokens,6'], 'batch*tokens,6', (g, x) => layout.reshape(g, x, ['batch*tokens', 6]));
check('Reshape Shape', ['batch*tokens,2', 'batch,tokens,2'], 'batch,tokens,2', layout.reshapeLike);
check('Reshape', ['n,6'], 'n,3,2', (g, x) => add(g, 'Reshape', [x, g.constant([0, -1, 2], 'int64')], {}));
check('Unsqueeze', ['batch,3'], '1,batch,3,1', (g, x) => layout.unsqueeze(g, x, [0, -1]));
check('Squeeze', ['batch,1,3,1'], 'batch,3', (g, x) => layout.squeeze(g, x, [1, -1]));
check('Expand Shape', ['batch,1', 'batch,3'], 'batch,3', layout.expandLike);
check('Expand', ['n,3', '1,3'], 'n,3', (g, x, like) => add(g, 'Expand', [x, layout.shapeOf(g, like)], {}));
check('Shape', ['batch,4'], '2', layout.shapeOf);
check('ConstantOfShape', ['n,2'], 'n,2', (g, x) => layout.fillLike(g, x, 2.5));
check('ConstantOfShape', ['n,2'], 'n,2', (g, x) => layout.fillLike(g, x, 7, 'int64'));
check('Concat', ['batch,3', 'batch,1'], 'batch,7', (g, a, b) => layout.concat(g, [a, b, a], -1));
check('Concat', ['batch,3', 'tokens,3'], 'batch+tokens,3', (g, a, b) => layout.concat(g, [a, b], 0));
check('Slice', ['batch,5,2'], 'batch,2,2', (g, x) => layout.slice(g, x, { axis: 1, start: 1, end: 3 }));
check('Slice', ['batch,5'], 'batch,2', (g, x) => layout.slice(g, x, { axis: -1, start: -2, end: 99 }));
check('Slice', ['n,5'], '3,5', (g, x) => layout.slice(g, x, { axis: 0, start: 1, end: 4 }));
check('Slice Shape', ['6,2', 'batch,tokens'], 'tokens,2', (g, x, like) =>
  layout.take(g, x, layout.slice(g, layout.shapeOf(g, like), { axis: 0, start: 1, end: 2 })),
);

for (const part of [0, 1]) check('Split', ['batch,6,n'], 'batch,3,n', (g, x) => layout.split(g, x, { axis: -2, parts: 2 })[part]!);
check('Pad', ['batch,3'], 'batch+3,3', (g, x) => layout.pad(g, x, { 0: [1, 2] }));
check('Pad', ['n,5'], 'n,3', (g, x) => layout.pad(g, layout.pad(g, x, { 0: [0, 2] }), { 0: [-2, 0], 1: [1, -3] }));

check('Gather', ['5,n', int64('batch,tokens', 5)], 'batch,tokens,n', (g, x, ids) => indexing.gather(g, x, ids));
check('Gather', ['batch,4,2', int64('3', 4)], 'batch,3,2', (g, x, ids) => indexing.gather(g, x, ids, -2));
check('GatherElements', ['batch,4', int64('batch,2', 4)], 'batch,2', (g, x, ids) => indexing.gatherElements(g, x, ids, -1));
check('ScatterElements', ['batch,4', int64('batch,6', 4), 'batch,6'], 'batch,4', (g, x, ids, updates) =>
  indexing.scatterAdd(g, x, ids, updates, 1),
);
check('ScatterElements', ['4,2', '1,2'], '4,2', (g, x, updates) =>
  add(g, 'ScatterElements', [x, g.constant([3, 0], 'int64', [1, 2]), updates], { axis: 0, reduction: 'none' }),
);

for (const [op, reduce] of Object.entries({ ReduceSum: reduceSum, ReduceMean: reduceMean, ReduceMax: reduceMax })) {
  check(op, ['batch,3,n'], 'batch,n', (g, x) => reduce(g, x, { axes: [1] }));
  check(op, ['batch,3,n'], '1,3,1', (g, x) => reduce(g, x, { axes: [0, -1], keepdims: true }));
}
check('Softmax', ['batch,3,n'], 'batch,3,n', (g, x) => softmax(g, x));
check('Softmax', ['batch,3,n'], 'batch,3,n', (g, x) => softmax(g, x, 1));
check('LayerNormalization', ['batch,tokens,8', '8', '8'], 'batch,tokens,8', (g, x, scale, bias) =>
  layerNormalization(g, x, scale, bias, 1e-5),
);
/** Its second and third outputs: the mean, and one over the deviation. */
for (const output of [1, 2])
  check(
    'LayerNormalization',
    ['n,2,3', '2,3', '2,3'],
    'n,1,1',
    (g, x, scale, bias) => g.add('LayerNormalization', [x, scale, bias], { axis: 1, epsilon: 0.1 })[output]!,
  );

for (const exclusive of [false, true])
  for (const reverse of [false, true]) check('CumSum', ['batch,n,3'], 'batch,n,3', (g, x) => cumSum(g, x, { axis: 1, exclusive, reverse }));
const lengths: Input = { shape: ['batch'], type: 'int32', low: 1, high: 4 };
for (const [direction, directions] of [
  ['forward', 1],
  ['reverse', 1],
  ['bidirectional', 2],
] as const) {
  const weights = [`${directions},12,5`, `${directions},12,4`];
  check(
    'GRU',
    ['tokens,batch,5', ...weights],
    `tokens,${directions},batch,4`,
    (g, x, weight, recurrence) => gru(g, { x, weight, recurrence }, direction)[0],
  );
  const all = ['tokens,batch,5', ...weights, `${directions},24`, lengths, `${directions},batch,4`];
  for (const output of [0, 1] as const)
    check(
      'GRU',
      all,
      output === 0 ? `tokens,${directions},batch,4` : `${directions},batch,4`,
      (g, x, weight, recurrence, bias, ...more) =>
        gru(g, { x, weight, recurrence, bias, lengths: more[0]!, initial: more[1]! }, direction)[output],
    );
}
/** An input left out between two that are given. */
check(
  'GRU',
  ['tokens,batch,5', '1,12,5', '1,12,4', '1,batch,4'],
  'tokens,1,batch,4',
  (g, x, weight, recurrence, initial) => gru(g, { x, weight, recurrence, initial }, 'forward')[0],
);
for (const reversed of [false, true])
  for (const part of ['states', 'outputs'] as const)
    check('Scan', ['batch,3', 'tokens,batch,3', '3,3'], part === 'states' ? 'batch,3' : 'tokens,batch,3', (g, start, entries, weight) => {
      const turn = scan(g, { states: [start], scanned: [entries], captured: [weight], reversed }, (body, [state], [entry]) => {
        const next = ops.tanh(body, ops.add(body, matMul(body, state!, weight), ops.mul(body, entry!, 0.5)));
        return { states: [next], outputs: [next] };
      });
      return turn[part][0]!;
    });

/** `Softmax [batch,3,n]`: the title of a case. */
export const titleOf = ({ listed, inputs, gives }: OpCase): string =>
  `${listed.join(', ')}: ${inputs.map(({ shape, type }) => `${type ?? ''}[${shape}]`).join(' and ')} give [${gives}]`;

/** A case written down, with inputs named `a`, `b`, … */
export function writeCase({ inputs, build }: OpCase): { readonly g: GraphBuilder; readonly y: Value } {
  const g = new GraphBuilder();
  const values = inputs.map(({ shape, type = 'float32' }, i) => g.input('abcdef'[i]!, shape, type));
  return { g, y: build(g, ...values) };
}

export const sizeOfDim = (dim: Dim): number =>
  typeof dim === 'number'
    ? dim
    : dim.split('+').reduce((sum, part) => sum + part.split('*').reduce((product, name) => product * (sizes[name] ?? Number(name)), 1), 0);

/** Contents for the inputs of a case, exact in float32; the same at each call. */
export function feedsOf({ inputs }: OpCase): ReadonlyMap<string, Numbers & { readonly type: TensorType }> {
  let state = 1;
  const random = (): number => {
    state = (state * 48_271) % 2_147_483_647; // Park and Miller's minimal generator
    return state / 2_147_483_647;
  };
  return new Map(
    inputs.map(({ shape, type = 'float32', low = -1.5, high = 1.5 }, i) => {
      const dims = shape.map(sizeOfDim);
      const draw = () => low + (high - low) * random();
      const data = Float64Array.from({ length: sizeOf(dims) }, () => (type === 'float32' ? Math.fround(draw()) : Math.floor(draw())));
      return ['abcdef'[i]!, { dims, data, type }] as const;
    }),
  );
}
