/** @file Gated recurrent units as a graph of other ops: TensorFlow has them on NVIDIA cards only. */
import {
  add,
  cast,
  concat,
  cumSum,
  type FloatType,
  fillLike,
  type Graph,
  GraphBuilder,
  greater,
  matMul,
  mul,
  type Node,
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
} from '../../../../models/index.js';

/** `given` are the inputs of the graph, in the order of those of the node; its outputs are those of the node. The formula stands at `gru`. */
export function gruAsScan({ inputs, attributes: { direction } }: Node<'GRU'>): { graph: Graph; given: readonly Value[] } {
  const g = new GraphBuilder({ float: inputs[0]!.type as FloatType });
  const given = inputs.map(({ name, shape, type }, i) => (name ? g.input(`given_${i}`, shape, type) : { name: '', shape, type }));
  const backwards = direction === 'bidirectional' ? [false, true] : [direction === 'reverse'];
  const ways = backwards.map((reversed, d) => {
    const own = (value: Value | undefined) =>
      value?.name ? squeeze(g, split(g, value, { axis: 0, parts: backwards.length })[d]!, [0]) : undefined;
    return alongDirection(g, given, { reversed, own });
  });
  const stack = (values: readonly Value[], axis: number) =>
    concat(
      g,
      values.map((value) => unsqueeze(g, value, [axis])),
      axis,
    );
  const outputs = [
    stack(
      ways.map(({ y }) => y),
      1,
    ),
    stack(
      ways.map(({ last }) => last),
      0,
    ),
  ];
  return { graph: g.graph(outputs), given };
}

type Direction = { readonly reversed: boolean; readonly own: (value: Value | undefined) => Value | undefined };

function alongDirection(
  g: GraphBuilder,
  [x, weight, recurrence, bias, lengths, initial]: readonly Value[],
  { reversed, own }: Direction,
): { y: Value; last: Value } {
  const hidden = Number(recurrence!.shape[2]);
  const [matrix, back] = [transpose(g, own(weight)!, [1, 0]), transpose(g, own(recurrence)!, [1, 0])]; // [inputs, 3 hidden], [hidden, 3 hidden]
  const biases = own(bias);
  const [givenBias, ownBias] = biases ? split(g, biases, { axis: 0, parts: 2 }) : []; // [3 hidden]
  const product = matMul(g, x!, matrix);
  const gates = givenBias ? add(g, product, givenBias) : product; // [tokens, batch, 3 hidden]
  const within = lengths?.name ? withinLengths(g, x!, lengths) : undefined; // [tokens, batch, 1]
  const first = slice(g, squeeze(g, slice(g, gates, { axis: 0, start: 0, end: 1 }), [0]), { axis: 1, start: 0, end: hidden });

  const { states, outputs } = scan(
    g,
    {
      states: [own(initial) ?? fillLike(g, first, 0)],
      scanned: [gates, ...(within ? [within] : [])],
      captured: [back, ...(ownBias ? [ownBias] : [])],
      reversed,
    },
    (body, [h], [gate, inside]) => {
      const recurring = matMul(body, h!, back);
      const [zGiven, rGiven, nGiven] = split(body, gate!, { axis: 1, parts: 3 }) as [Value, Value, Value];
      const whole = ownBias ? add(body, recurring, ownBias) : recurring;
      const [zOwn, rOwn, nOwn] = split(body, whole, { axis: 1, parts: 3 }) as [Value, Value, Value];
      const z = sigmoid(body, add(body, zGiven, zOwn));
      const n = tanh(body, add(body, nGiven, mul(body, sigmoid(body, add(body, rGiven, rOwn)), nOwn)));
      const next = add(body, mul(body, sub(body, 1, z), n), mul(body, z, h!));
      return inside
        ? { states: [where(body, inside, next, h!)], outputs: [where(body, inside, next, 0)] }
        : { states: [next], outputs: [next] };
    },
  );
  return { y: outputs[0]!, last: states[0]! };
}

/** Whether a step lies in its text: [tokens, batch, 1]. */
function withinLengths(g: GraphBuilder, x: Value, lengths: Value): Value {
  const tokens = slice(g, shapeOf(g, x), { axis: 0, start: 0, end: 1 }); // [1], holds tokens
  const steps = cumSum(g, g.add('ConstantOfShape', [tokens], { value: 1, type: 'int64' })[0]!, { axis: 0, exclusive: true }); // [tokens]
  return greater(g, unsqueeze(g, cast(g, lengths, 'int64'), [0, 2]), unsqueeze(g, steps, [1, 2]));
}
