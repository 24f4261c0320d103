import { beforeAll, describe, expect, test } from 'vitest';
import {
  add,
  fromOnnx,
  GraphBuilder,
  gru as gruOp,
  mul,
  reduceSum,
  Scope,
  type Tensor,
  toOnnx,
  type Value,
  type Weights,
} from '../models/index.js';
import { gru } from '../models/layers/gru.js';
import { createSession } from '../models/runtime/node.js';
import { differentiate } from '../training/autodiff/differentiate.js';
import { goldenCase, goldenTensors, relativeDifference } from './golden.js';

type Case = { readonly hidden: number; readonly layers: number; readonly loss: number };

describe("recurrent layers against PyTorch's nn.GRU over packed lengths", () => {
  let golden: { case: Case; model: Weights; tensors: Weights; gradients: Weights };
  beforeAll(async () => {
    const [model, tensors, gradients] = await Promise.all(
      ['model', 'case', 'grads'].map((part) => goldenTensors(`gru/${part}.safetensors`)),
    );
    golden = { case: goldenCase<Case>('gru'), model: model!, tensors: tensors!, gradients: gradients! };
  });
  const data = (tensors: Weights, name: string) => tensors.get(name)!.data as Float32Array;
  /** The lengths of the texts as a mask. */
  const mask = (): Tensor => {
    const [batch, tokens] = golden.tensors.get('x')!.dims as [number, number];
    const lengths = Array.from(golden.tensors.get('lengths')!.data, Number);
    return {
      type: 'int64',
      dims: [batch, tokens],
      data: BigInt64Array.from({ length: batch * tokens }, (_, i) => BigInt(Number(i % tokens < lengths[Math.floor(i / tokens)]!))),
    };
  };

  /** The layers, the golden loss of them, and its gradient by x and by every weight. */
  function write() {
    const g = new GraphBuilder();
    const scope = Scope.root(g);
    const [x, given, w] = [
      g.input('x', ['batch', 'tokens', 16]),
      g.input('mask', ['batch', 'tokens'], 'int64'),
      g.input('w', ['batch', 'tokens', 48]),
    ];
    const y = gru(scope, x, given, { inputs: 16, hidden: golden.case.hidden, layers: golden.case.layers, dropout: 0 });
    const everything = (v: Value): Value => reduceSum(g, v, { axes: v.shape.map((_, i) => i) });
    // The states at the ends of the texts are the second outputs of the ops.
    const last = g.nodes.filter(({ op }) => op === 'GRU').map(({ outputs }) => outputs[1]!);
    const loss = last.reduce((sum, h) => add(g, sum, everything(mul(g, h, h))), everything(mul(g, y, w)));
    const wrt = [x, ...scope.parameters.map(({ value }) => value)];
    return { g, y, last, loss, wrt, gradients: differentiate(g, loss, wrt) };
  }

  test('states, states at the end, loss, and the gradient of x and of every weight', async () => {
    const { g, y, last, loss, wrt, gradients } = write();
    const bytes = toOnnx(g.graph([loss, y, ...last, ...gradients]));
    const session = await createSession(bytes);
    const feeds = { x: golden.tensors.get('x')!, w: golden.tensors.get('w')!, mask: mask(), ...Object.fromEntries(golden.model) };
    const results = await session.run(feeds);
    await session.dispose();
    expect(relativeDifference(results[y.name]!.data as Float32Array, data(golden.tensors, 'y'))).toBeLessThan(1e-5);
    const ends = last.flatMap(({ name }) => [...(results[name]!.data as Float32Array)]); // layer after layer, direction after direction
    expect(relativeDifference(ends, data(golden.tensors, 'hn'))).toBeLessThan(1e-5);
    expect(Number(results[loss.name]!.data[0]) / golden.case.loss).toBeCloseTo(1, 5);
    expect(wrt.map(({ name }) => name).sort()).toEqual([...golden.gradients.keys()].sort());
    for (const [i, { name }] of wrt.entries())
      expect(relativeDifference(results[gradients[i]!.name]!.data as Float32Array, data(golden.gradients, name)), name).toBeLessThan(1e-4);
    expect(Buffer.from(toOnnx(fromOnnx(bytes))).equals(Buffer.from(bytes))).toBe(true);
  });

  test('what stands at padding has no say, in the states or in the gradients', async () => {
    const { g, y, loss, wrt, gradients } = write();
    const session = await createSession(toOnnx(g.graph([loss, y, ...gradients])));
    const within = mask().data as BigInt64Array;
    const x = golden.tensors.get('x')!;
    const other = { ...x, data: data(golden.tensors, 'x').map((value, i) => (within[Math.floor(i / 16)] ? value : 100 - 7 * value)) };
    const rest = { w: golden.tensors.get('w')!, mask: mask(), ...Object.fromEntries(golden.model) };
    expect(await session.run({ x: other, ...rest })).toEqual(await session.run({ x, ...rest }));
    const dx = (await session.run({ x, ...rest }))[gradients[wrt.findIndex(({ name }) => name === 'x')]!.name]!.data as Float32Array;
    expect(dx.every((value, i) => within[Math.floor(i / 16)] || value === 0)).toBe(true);
    await session.dispose();
  });
});

test('an op may leave out inputs before the last that it is given', () => {
  const g = new GraphBuilder();
  const [x, weight, recurrence, initial] = [
    g.input('x', [2, 1, 1]),
    g.input('w', [1, 3, 1]),
    g.input('r', [1, 3, 1]),
    g.input('h', [1, 1, 1]),
  ];
  const [y] = gruOp(g, { x, weight, recurrence, initial }, 'forward');
  const bytes = toOnnx(g.graph([y]));
  expect(fromOnnx(bytes).nodes[0]!.inputs.map(({ name }) => name)).toEqual(['x', 'w', 'r', '', '', 'h']);
});
