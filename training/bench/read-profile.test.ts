import { expect, test } from 'vitest';
import { profileOf } from './read-profile.js';

const run = (ts: number, dur: number) => ({ cat: 'Session', name: 'model_run', ts, dur });
const node = (name: string, op_name: string, ts: number, dur: number) => ({
  cat: 'Node',
  name: `${name}_kernel_time`,
  ts,
  dur,
  args: { op_name },
});

test('times are by place, pass and op, fused or not; runs at the beginning do not count', () => {
  const forward = 'bert.encoder.layer.1.output.dense/MatMul_69';
  const fused = 'grad/bert.encoder.layer.0.attention.self/MatMul_734/MatmulTransposeFusion/';
  const events = [
    run(0, 90_000),
    node(forward, 'MatMul', 1, 80_000),
    run(100, 7000),
    node(forward, 'MatMul', 101, 3000),
    { ...node(forward, 'MatMul', 101, 1), name: `${forward}_fence_before` },
    node(fused, 'FusedMatMul', 102, 2000),
    run(200, 9000),
    node(forward, 'MatMul', 201, 5000),
    node(fused, 'FusedMatMul', 202, 2000),
    node('Add_3', 'Add', 203, 500),
  ];
  expect(profileOf(events, 1)).toEqual({
    runs: 2,
    ms: 8,
    nodes: [
      { place: 'bert.encoder.layer.1.output.dense', pass: 'forward', op: 'MatMul', ms: 4 },
      { place: 'bert.encoder.layer.0.attention.self', pass: 'backward', op: 'FusedMatMul', ms: 2 },
      { place: '', pass: 'forward', op: 'Add', ms: 0.5 },
    ],
  });
});

test.each([
  ['MatMul', [16, 64, 384], [384, 1536], [16, 64, 1536], 2 * 1024 * 384 * 1536],
  ['Gemm', [1024, 384], [1024, 1536], [384, 1536], 2 * 1024 * 384 * 1536], // its first side transposed
  ['FusedMatMul', [16, 12, 64, 32], [16, 12, 48, 32], [16, 12, 64, 48], 2 * 16 * 12 * 64 * 32 * 48], // its second one
])('%s: operations of a product, from what goes in and comes out', (op, a, b, c, flop) => {
  const shaped = {
    ...node('a/MatMul_1', op, 2, 1),
    args: { op_name: op, input_type_shape: [{ float: a }, { float: b }], output_type_shape: [{ float: c }] },
  };
  const [one] = profileOf([run(1, 10), shaped], 0).nodes;
  expect(one?.product?.shapes).toBe(`[${a}] [${b}] -> [${c}]`);
  expect(one!.product!.gflop * 1e9).toBeCloseTo(flop, 0);
});
