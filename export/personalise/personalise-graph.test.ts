import { describe, expect, test } from 'vitest';
import { architectureSchema, buildClassifier, type Session, type Tensor, tokenTensors, toOnnx } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { createOnnxEngine } from '../../training/engines/onnx.js';
import { taskOf } from '../../training/index.js';
import { classifierGraphs } from '../../training/objective/classifier-step.js';
import { optimizerSchema } from '../../training/optimizers/optimizer-config.js';
import { initialWeights } from '../../training/trainer/initial-weights.js';
import { cutHead } from './cut-head.js';
import { personaliseGraph } from './personalise-graph.js';

const float = (dims: readonly number[], data: Iterable<number>): Tensor => ({ type: 'float32', dims, data: Float32Array.from(data) });
const activations = ['softmax', 'sigmoid', 'none'] as const;
const heads = { linear: [], 'of two layers': [6] };
const [labels, batch, tokens] = [3, 5, 4];
const targets = {
  softmax: [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0],
  sigmoid: [1, 0, 1, 0, 0, 0, 1, 1, 1, 0, 1, 0, 1, 0, 0],
  none: [0.3, -1, 2, 0, 0.5, 0.1, 1, -0.2, 0.4, 0, 0, 1, 2, 1, 0],
};

async function start(
  activation: (typeof activations)[number],
  mlp: readonly number[],
  options: { temperature?: number; nearness?: number } = {},
) {
  const sizes = { width: 8, layers: 1, heads: 2, intermediate: 12, vocabularySize: 20, maxPositions: 16 };
  const architecture = architectureSchema.parse({ kind: 'bert', ...sizes, dropout: 0, attentionDropout: 0, mlp, initializerRange: 0.5 });
  const classifier = buildClassifier(architecture, { labels });
  const head = cutHead(classifier);
  const own = new Set(head.parameters.map(({ value }) => value.name));
  const graphs = classifierGraphs({ architecture, labels, task: taskOf(activation), trained: (name) => own.has(name) });
  const weights = initialWeights(classifier.parameters, 1);
  const ids = BigInt64Array.from({ length: batch * tokens }, (_, i) => BigInt(1 + ((i * 7) % 19)));
  const inputs = tokenTensors({ batch, tokens, ids, mask: ids.map(() => 1n), types: ids.map(() => 0n) });

  const values = new Map(classifier.parameters.map(({ value: { name, shape } }) => [name, float(shape.map(Number), weights.get(name)!)]));
  const features = await createSession(toOnnx(classifier.builder.graph([classifier.features]), { initializers: values }));
  const read = await features.run(Object.fromEntries(features.inputNames.map((name) => [name, inputs[name]!])));
  const exported = new Map([...values].filter(([name]) => own.has(name)));
  const ordinary = float(
    [7, 8],
    Array.from({ length: 56 }, (_, i) => Math.sin(i * i)),
  );
  const { graph, parameters, ...named } = personaliseGraph(head, { activation, temperature: 1, exported, ordinary, ...options });
  const session = await createSession(toOnnx(graph, named), { threads: 1 });
  const given = { features: read[classifier.features.name]!, target: float([batch, labels], targets[activation]) };
  return { head, own, graphs, weights, inputs, session, given, parameters, exported };
}

type Given = { readonly features: Tensor; readonly target: Tensor };
const step = async (session: Session, given: Given, state: Tensor, { at = 1, anchor = 0, rate = 0.01, weight = [1, 1, 1, 1, 1] } = {}) => {
  const scalars = { step: float([], [at]), learning_rate: float([], [rate]), anchor: float([], [anchor]) };
  const { logits, ordinary_logits, loss, next_state } = await session.run({ ...given, state, weight: float([batch], weight), ...scalars });
  return { logits: logits!, ordinary: ordinary_logits!, loss: Number(loss!.data[0]), state: next_state! };
};
const largest = (one: ArrayLike<number>, other: ArrayLike<number>): number =>
  Math.max(...Array.from(one, (value, i) => Math.abs(value - other[i]!)));

describe.each(Object.entries(heads))('a head %s', (_, mlp) => {
  test.each(activations)('three steps are those of the training engine with nothing but the head trained (%s)', async (activation) => {
    const { head, own, graphs, weights, inputs, session, given, parameters, exported } = await start(activation, mlp, { nearness: 0 });
    const optimizer = optimizerSchema.parse({ weightDecay: 0, clip: 0 });
    const engine = await createOnnxEngine({ graphs, weights, optimizer, seed: 1, threads: 1 });
    let state = float([3, parameters], new Float32Array(3 * parameters));
    for (let at = 1; at <= 3; at++) {
      const texts = [{ texts: batch, tensors: { ...inputs, targets: given.target } }];
      const theirs = await engine.step(texts, { step: at - 1, learningRate: 0.01, emaDecay: null });
      const ours = await step(session, given, state, { at });
      expect(Math.abs(ours.loss - theirs.loss)).toBeLessThan(1e-5);
      state = ours.state;
    }
    const trained = await engine.state();
    let from = 0;
    for (const { value } of head.parameters) {
      const before = exported.get(value.name)!.data as Float32Array;
      const change = (state.data as Float32Array).subarray(from, from + before.length);
      expect(largest(before.map((weight, i) => weight + change[i]!), trained.weights.get(value.name)!)).toBeLessThan(1e-5); // biome-ignore format: one line
      expect(largest(before, trained.weights.get(value.name)!)).toBeGreaterThan(0.01);
      from += before.length;
    }
    expect(from).toBe(parameters);
    for (const [name, values] of weights) if (!own.has(name)) expect(trained.weights.get(name)).toEqual(values);
    await engine.dispose();
  });

  test.each(activations)('the loss falls, and by an anchor ordinary answers stay nearer (%s)', async (activation) => {
    const { session, given, parameters } = await start(activation, mlp, { temperature: 1.7 });
    const zeros = float([3, parameters], new Float32Array(3 * parameters));
    const run = async (anchor: number) => {
      let [state, losses, last] = [zeros, [] as number[], (await step(session, given, zeros)).ordinary];
      for (let at = 1; at <= 60; at++) {
        const seen = await step(session, given, state, { at, anchor });
        losses = [...losses, seen.loss];
        [state, last] = [seen.state, seen.ordinary];
      }
      return { losses, ordinary: last.data as Float32Array };
    };
    const exported = (await step(session, given, zeros)).ordinary.data as Float32Array;
    const [free, held] = [await run(0), await run(100)];
    expect(free.losses.at(-1)!).toBeLessThan(0.9 * free.losses[0]!);
    expect(largest(held.ordinary, exported)).toBeLessThan(0.5 * largest(free.ordinary, exported));
  });
});

test('the loss is that of the scores that the bundle gives, and a row without weight has no part in it', async () => {
  const { session, given, parameters } = await start('softmax', [], { temperature: 1.7 });
  const zeros = float([3, parameters], new Float32Array(3 * parameters));
  const { logits, loss } = await step(session, given, zeros, { weight: [1, 0, 2, 0, 0] });
  const cost = (row: number): number => {
    const powers = Array.from(logits.data.slice(3 * row, 3 * row + 3) as Float32Array, (logit) => Math.exp(logit / 1.7));
    return -Math.log(powers[targets.softmax.slice(3 * row, 3 * row + 3).indexOf(1)]! / powers.reduce((a, b) => a + b));
  };
  expect(loss).toBeCloseTo((cost(0) + 2 * cost(2)) / 3, 5);
});
