import { describe, expect, test } from 'vitest';
import { UsageError } from '../errors.js';
import { GraphBuilder } from '../graph/builder.js';
import { evaluate } from '../graph/evaluate.js';
import { exp, mul } from '../graph/ops/elementwise.js';
import { matMul } from '../graph/ops/matmul.js';
import { layerNormalization } from '../graph/ops/normalization.js';
import { tensorOf } from '../graph/tensor.js';
import { opCases, titleOf, writeCase } from '../graph/testing/op-cases.js';
import { createSession } from '../runtime/node.js';
import type { TensorType } from '../runtime/session.js';
import { fromOnnx } from './from-onnx.js';
import { type ModelMessage, ModelProto } from './schema.js';
import { toOnnx } from './to-onnx.js';

describe('a graph comes back from its bytes as it was', () => {
  for (const opCase of opCases) {
    test(titleOf(opCase), () => {
      const { g, y } = writeCase(opCase);
      const graph = g.graph([y]);
      const back = fromOnnx(toOnnx(graph));
      const facts = ({ nodes, inputs, outputs }: typeof graph) => ({
        inputs,
        nodes: nodes.map(({ op, name, attributes }) => ({ op, name, attributes: rounded(attributes) })),
        outputs: outputs.map(({ name, type, shape }) => ({ name, type, shape })),
      });
      expect(facts(back)).toEqual(facts(graph));
      expect(toOnnx(back)).toEqual(toOnnx(graph));
    });
  }
});

test('constants of every type keep type, dims and values', () => {
  const types: readonly TensorType[] = ['float32', 'float64', 'float16', 'int64', 'int32', 'uint8', 'int8', 'bool'];
  const g = new GraphBuilder();
  const constants = types.map((type) => g.constant([0, 1, 1], type, [3, 1]));
  const back = fromOnnx(toOnnx(g.graph(constants)));
  expect(back.outputs.map(({ constant }) => constant)).toEqual(types.map((type) => tensorOf(type, [3, 1], [0, 1, 1])));
});

test('initialisers are part of the file, and outputs take the names that are asked for', async () => {
  const g = new GraphBuilder();
  const [x, w] = [g.input('x', ['n', 2]), g.input('layer.weight', [2, 1])];
  const y = matMul(g, x, w);
  const initializers = new Map([['layer.weight', tensorOf('float32', [2, 1], [10, 1])]]);
  const bytes = toOnnx(g.graph([y]), { name: 'tiny', initializers, outputNames: new Map([[y.name, 'logits']]) });
  const session = await createSession(bytes);
  expect([session.inputNames, session.outputNames]).toEqual([['x'], ['logits']]);
  const { logits } = await session.run({ x: tensorOf('float32', [2, 2], [1, 2, 3, 4]) });
  expect(logits).toEqual(tensorOf('float32', [2, 1], [12, 34]));
  await session.dispose();
  const back = fromOnnx(bytes);
  expect(back.inputs.map(({ name }) => name)).toEqual(['x']);
  expect(evaluate(back, new Map([['x', { dims: [1, 2], data: Float64Array.of(1, 2) }]])).get('logits')!.data).toEqual(Float64Array.of(12));
});

test('the file says which operators it needs and how its sizes are called', () => {
  const g = new GraphBuilder();
  const bytes = toOnnx(g.graph([exp(g, g.input('x', ['batch', 4]))]));
  const { ir_version, producer_name, opset_import, graph } = ModelProto.decode(bytes).toJSON() as unknown as ModelMessage;
  expect({ ir_version: Number(ir_version), producer_name }).toEqual({ ir_version: 9, producer_name: 'copydesk' });
  expect(opset_import.map(({ version }) => Number(version))).toEqual([20]);
  expect(graph.input[0]!.type.tensor_type.shape.dim).toEqual([{ dim_param: 'batch' }, { dim_value: '4' }]);
});

test('outputs that nothing reads are left out', () => {
  const g = new GraphBuilder();
  const [x, s, b] = [g.input('x', [2, 4]), g.input('s', [4]), g.input('b', [4])];
  const { graph } = ModelProto.decode(toOnnx(g.graph([layerNormalization(g, x, s, b, 1e-5)]))) as unknown as ModelMessage;
  expect(graph.node[0]!.output).toHaveLength(1);
});

describe('what is no model of ours is refused', () => {
  const g = new GraphBuilder();
  const [x, w] = [g.input('x', ['n', 2]), g.constant([1, 2, 3, 4], 'float32', [2, 2])];
  const whole = toOnnx(g.graph([mul(g, matMul(g, x, w), 2)]));
  const changed = (change: (message: ModelMessage) => void): Uint8Array => {
    const message = ModelProto.decode(whole) as unknown as ModelMessage;
    change(message);
    return ModelProto.encode(message).finish();
  };

  test.each([
    ['text', new TextEncoder().encode('not a model'), /these 11 bytes are not an ONNX model\. Fix: give the content of an \.onnx file/],
    ['nothing', new Uint8Array(), /these 0 bytes are not an ONNX model/],
    ['half a file', whole.subarray(0, whole.length / 2), /bytes are not an ONNX model|bytes for float32|reads/],
    ['an op beyond our set', changed(({ graph }) => (graph.node[0]!.op_type = 'Einsum')), /node MatMul_0: Einsum is not in our op set\. Fix: use one of Add,/], // biome-ignore format: a table
    ['a node before its inputs', changed(({ graph }) => graph.node.reverse()), /node Mul_1 reads MatMul_0, which nothing before it writes/],
    ['weights cut short', changed(({ graph }) => (graph.initializer[0]!.raw_data = new Uint8Array(8))), /tensor constant_0: 2 values for float32 \[2,2\]/], // biome-ignore format: a table
    ['weights left out', changed(({ graph }) => (graph.initializer[0]!.raw_data = new Uint8Array())), /0 values for float32 \[2,2\].*another file/], // biome-ignore format: a table
    [
      'a type we do not read',
      changed(({ graph }) => (graph.initializer[0]!.data_type = 8)),
      /constant_0: tensor type 8 is not one we read/,
    ],
    ['an input too few', changed(({ graph }) => graph.node[1]!.input.pop()), /not a whole ONNX model/],
    ['shapes that do not fit', changed(({ graph }) => (graph.initializer[0]!.dims = [4, 1])), /MatMul: inner dims differ/],
  ] as const)('%s', (_what, bytes, message) => {
    expect(() => fromOnnx(bytes)).toThrow(message);
    expect(() => fromOnnx(bytes)).toThrow(UsageError);
  });

  test('wherever a byte is flipped or the file cut, there is a graph or an error for the user, never another', () => {
    for (let at = 0; at < whole.length; at++) {
      const flipped = whole.slice();
      flipped[at]! ^= 0xff;
      for (const bytes of [flipped, whole.slice(0, at)]) {
        try {
          fromOnnx(bytes);
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
        }
      }
    }
  });
});

/** Floats are single precision in the file. */
const rounded = (attributes: object): object =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, name === 'epsilon' ? Math.fround(value) : value]));
