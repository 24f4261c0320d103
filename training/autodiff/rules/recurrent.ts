import {
  add,
  cast,
  concat,
  cumSum,
  fillLike,
  type GraphBuilder,
  gather,
  gemm,
  greater,
  matMul,
  mul,
  type Node,
  numbersOf,
  type OpFamily,
  product,
  reduceSum,
  reshape,
  scan,
  shapeOf,
  sigmoid,
  slice,
  split,
  squeeze,
  sub,
  tanh,
  transpose,
  unsqueeze,
  type Value,
  where,
} from '../../../models/index.js';
import { type GradientRules, notDifferentiable } from '../rule.js';

export const recurrent: GradientRules<OpFamily['recurrent']> = {
  GRU: (g, node, [dy, dLast]) => {
    const [, , , bias, , initial] = node.inputs;
    const backwards = node.attributes.direction === 'bidirectional' ? [false, true] : [node.attributes.direction === 'reverse'];
    const parts = backwards.map((reverse, d) => {
      /** The part of this direction: `axis`, where directions lie, is left out. */
      const own = (value: Value, axis = 0) => squeeze(g, split(g, value, { axis, parts: backwards.length })[d]!, [axis]);
      return alongDirection(g, node, { reverse, own, dy: own(dy, 1), ...(dLast ? { dLast: own(dLast) } : {}) });
    });
    const stack = (pick: (part: DirectionGradients) => Value): Value =>
      concat(
        g,
        parts.map((part) => unsqueeze(g, pick(part), [0])),
        0,
      );
    return [
      parts.map(({ dx }) => dx).reduce((sum, dx) => add(g, sum, dx)),
      stack(({ dWeight }) => dWeight),
      stack(({ dRecurrence }) => dRecurrence),
      bias?.name ? stack(({ dBias }) => dBias) : undefined,
      undefined,
      initial?.name ? stack(({ dInitial }) => dInitial) : undefined,
    ];
  },
  Scan: notDifferentiable('its body holds no gradient of its own; ops that need one write their own backward scan'),
  // y_t = Σ_{s ≤ t} x_s: dx_s = Σ_{t ≥ s} dy_t
  CumSum: (g, { inputs: [, axis], attributes: { exclusive, reverse } }, [dy]) => [
    cumSum(g, dy, { axis: numbersOf(axis!.constant!)[0]!, exclusive, reverse: !reverse }),
    undefined,
  ],
};

type DirectionGradients = {
  readonly dx: Value;
  readonly dWeight: Value;
  readonly dRecurrence: Value;
  readonly dBias: Value;
  readonly dInitial: Value;
};
type Direction = {
  readonly reverse: boolean;
  readonly own: (value: Value, axis?: number) => Value;
  /** [tokens, batch, hidden] */
  readonly dy: Value;
  /** [batch, hidden] */
  readonly dLast?: Value;
};

/**
 * One direction. The gates of all steps are computed anew at once, for h_{t−1} is known from Y; only dh goes step by step, last to first:
 *
 *     dh_t = dY_t + carry        carry = dh_t ∘ z + [dh_t ∘ kz, dh_t ∘ kr, dh_t ∘ ku] · R
 *     kz = (h − n) z (1 − z)     kn = (1 − z)(1 − n²)     ku = kn r     kr = ku u (1 − r)     u = h·Rhᵀ + rb,  h = h_{t−1}
 *
 * Past the end of a text z is taken as 1, so that every k is 0 there and dh stays what it was.
 */
function alongDirection(
  g: GraphBuilder,
  { inputs, outputs, attributes: { hidden_size: hidden } }: Node<'GRU'>,
  { reverse, own, dy, dLast }: Direction,
): DirectionGradients {
  const [x, weight, recurrence, bias, lengths, initial] = inputs;
  const [w, r] = [own(weight!), own(recurrence!)]; // [3 hidden, inputs], [3 hidden, hidden]
  const [givenBias, ownBias] = bias?.name ? split(g, own(bias), { axis: 0, parts: 2 }) : [0, 0]; // [3 hidden]
  const { within, previous } = states(g, { x: x!, y: own(outputs[0]!, 1), lengths, initial: initial?.name ? own(initial) : 0, reverse });
  const gate = (of: Value, k: number): Value => slice(g, of, { axis: 2, start: k * hidden, end: (k + 1) * hidden }); // [tokens, batch, hidden]

  const given = add(g, matMul(g, x!, transpose(g, w, [1, 0])), givenBias!); // [tokens, batch, 3 hidden]
  const recurring = add(g, matMul(g, previous, transpose(g, r, [1, 0])), ownBias!); // [tokens, batch, 3 hidden]
  const gates = sigmoid(g, add(g, given, recurring)); // [tokens, batch, 3 hidden], of which the first two thirds are wanted
  const [z, reset, u] = [within ? where(g, within, gate(gates, 0), 1) : gate(gates, 0), gate(gates, 1), gate(recurring, 2)];
  const n = tanh(g, add(g, gate(given, 2), mul(g, reset, u)));
  const open = sub(g, 1, z);
  const kn = mul(g, open, sub(g, 1, mul(g, n, n)));
  const ku = mul(g, kn, reset);
  const kr = mul(g, mul(g, ku, u), sub(g, 1, reset));
  const kz = mul(g, mul(g, sub(g, previous, n), z), open);

  const { states: ended, outputs: collected } = scan(
    g,
    {
      states: [dLast ?? fillLike(g, squeeze(g, slice(g, dy, { axis: 0, start: 0, end: 1 }), [0]), 0)],
      scanned: [within ? where(g, within, dy, 0) : dy, concat(g, [kz, kr, ku], 2), z],
      captured: [r],
      reversed: !reverse,
    },
    (body, [carry], [dyNow, kNow, zNow]) => {
      const dh = add(body, dyNow!, carry!); // [batch, hidden]
      const dGates = mul(body, concat(body, [dh, dh, dh], 1), kNow!); // [batch, 3 hidden]
      return { states: [add(body, matMul(body, dGates, r), mul(body, dh, zNow!))], outputs: [dGates, dh] };
    },
  );
  const [dRecurring, dh] = collected as readonly [Value, Value]; // [tokens, batch, 3 hidden], [tokens, batch, hidden]
  const dGiven = concat(g, [slice(g, dRecurring, { axis: 2, start: 0, end: 2 * hidden }), mul(g, dh, kn)], 2); // [tokens, batch, 3 hidden]
  const sum = (of: Value): Value => reduceSum(g, of, { axes: [0, 1] });
  return {
    dx: matMul(g, dGiven, w),
    dWeight: gemm(g, rows(g, dGiven), rows(g, x!), { transA: true }),
    dRecurrence: gemm(g, rows(g, dRecurring), rows(g, previous), { transA: true }),
    dBias: concat(g, [sum(dGiven), sum(dRecurring)], 0),
    dInitial: ended[0]!,
  };
}

type StatesInput = {
  readonly x: Value;
  /** [tokens, batch, hidden] */
  readonly y: Value;
  readonly lengths: Value | undefined;
  /** [batch, hidden] */
  readonly initial: Value | 0;
  readonly reverse: boolean;
};

/** `previous` [tokens, batch, hidden]: the state that each step started from. `within` [tokens, batch, 1]: whether it lies in its text. */
function states(g: GraphBuilder, { x, y, lengths, initial, reverse }: StatesInput): { within: Value | undefined; previous: Value } {
  const size = slice(g, shapeOf(g, x), { axis: 0, start: 0, end: 1 }); // [1], holds tokens
  const ones = g.add('ConstantOfShape', [size], { value: 1, type: 'int64' })[0]!; // [tokens]
  const step = cumSum(g, ones, { axis: 0, exclusive: true }); // [tokens]: 0, 1, 2, …
  const at = unsqueeze(g, step, [1, 2]); // [tokens, 1, 1]
  const ends = lengths?.name ? unsqueeze(g, cast(g, lengths, 'int64'), [0, 2]) : size; // [1, batch, 1] or [1]
  // A negative index counts from the end; what is read where no step comes before is not used.
  const before = gather(g, y, reverse ? sub(g, add(g, step, 1), size) : sub(g, step, 1));
  const started = reverse ? greater(g, ends, add(g, at, 1)) : greater(g, at, 0);
  return { within: lengths?.name ? greater(g, ends, at) : undefined, previous: where(g, started, before, initial) };
}

/** [tokens, batch, width] to [tokens*batch, width]. */
const rows = (g: GraphBuilder, x: Value): Value => reshape(g, x, [product(x.shape.slice(0, 2)), x.shape[2]!]);
