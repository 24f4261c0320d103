import { describe, expect, test } from 'vitest';
import { architectureSchema, evaluate, type Numbers, sizeOf } from '../../models/index.js';
import { createRandom } from '../data/random.js';
import { classifierStep } from '../objective/classifier-step.js';
import { gradientsOf } from './parameter-gradients.js';

const small = { vocabularySize: 12, width: 4, layers: 2, heads: 2, intermediate: 6, dropout: 0.2 };
const absolute = { ...small, maxPositions: 9, attentionDropout: 0.2 };
const kinds = { bert: absolute, distilbert: absolute, roberta: absolute, xlnet: small };
const random = createRandom(5);
const drawn = new Map<string, Numbers>();
/** The same numbers for the same name: of a kind, and in it. */
const uniform = (name: string, dims: readonly number[]): Numbers => {
  const known = drawn.get(name) ?? { dims, data: Float64Array.from({ length: sizeOf(dims) }, () => random.next() - 0.5) };
  drawn.set(name, known);
  return known;
};
const ids: Numbers = { dims: [2, 4], data: Float64Array.of(2, 7, 7, 3, 2, 7, 3, 0) };
const ones: Numbers = { dims: [2, 4], data: new Float64Array(8).fill(1) };
const zeros: Numbers = { dims: [2, 4], data: new Float64Array(8) };
const targets: Numbers = { dims: [2, 3], data: Float64Array.of(1, 0, 0, 0, 0, 1) };

/** The training graph with its backward pass, and what each gradient comes to. */
function backward(kind: keyof typeof kinds, recompute: boolean) {
  const graph = classifierStep({ architecture: architectureSchema.parse({ kind, ...kinds[kind] }), labels: 3 });
  const gradients = gradientsOf(graph, { recompute }).flatMap(({ parts }) =>
    parts.kind === 'dense' ? [parts.gradient] : parts.lookups.map(({ gradient }) => gradient),
  );
  const whole = graph.builder.graph([graph.loss, ...gradients]);
  const sizes: Record<string, number> = { batch: 2, tokens: 4 };
  const given = new Map<string, Numbers>([
    ['input_ids', ids],
    ['attention_mask', ones],
    ['token_type_ids', zeros],
    ['targets', targets],
  ]);
  const feeds = new Map(
    whole.inputs.map(({ name, shape }) => [
      name,
      given.get(name) ??
        uniform(
          `${kind} ${name}`,
          shape.map((dim) => (typeof dim === 'number' ? dim : sizes[dim]!)),
        ),
    ]),
  );
  const values = evaluate(whole, feeds);
  return { nodes: whole.nodes, gradients: [graph.loss, ...gradients].map(({ name }) => values.get(name)!.data) };
}

describe.each(Object.keys(kinds) as (keyof typeof kinds)[])('activations of a %s computed anew', (kind) => {
  test('give the gradients that held ones give', () => {
    const [plain, anew] = [backward(kind, false), backward(kind, true)];
    expect(anew.gradients).toHaveLength(plain.gradients.length);
    anew.gradients.forEach((gradient, i) => {
      expect(Math.max(...gradient.map((x, k) => Math.abs(x - plain.gradients[i]![k]!)))).toBeLessThan(1e-12);
    });
  });

  test('leave of each layer nothing to be held but what it reads', () => {
    const { nodes } = backward(kind, true);
    const within = (name: string) => /layer\.\d+[./]/.test(name);
    const forward = new Set(
      nodes.filter(({ name }) => !/^(grad|again)\//.test(name) && within(name)).map(({ outputs }) => outputs[0]!.name),
    );
    const across = nodes
      .filter(({ name }) => /^(grad|again)\//.test(name))
      .flatMap(({ inputs }) => inputs.filter(({ name }) => forward.has(name)));
    // What each layer gives to the next, or to the head: all else that the backward pass wants it computes.
    expect(new Set(across.map(({ name }) => name)).size).toBeLessThanOrEqual(small.layers);
  });

  test('wait for the backward pass: every copy hangs on a gradient that has arrived', () => {
    const { nodes } = backward(kind, true);
    const late = new Set<string>();
    for (const { name, inputs, outputs } of nodes)
      if (name.startsWith('grad/') || inputs.some((input) => late.has(input.name))) for (const output of outputs) late.add(output.name);
    const products = nodes.filter(({ name, op }) => name.startsWith('again/') && op === 'MatMul');
    expect(products.length).toBeGreaterThanOrEqual(2 * 6);
    for (const { outputs } of products) expect(late.has(outputs[0]!.name)).toBe(true);
  });
});
