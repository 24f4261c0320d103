import { describe, expect, test } from 'vitest';
import { evaluate } from '../graph/evaluate.js';
import type { Value } from '../graph/graph.js';
import { sizeOf, tensorOf } from '../graph/tensor.js';
import { fromOnnx } from '../onnx/from-onnx.js';
import { toOnnx } from '../onnx/to-onnx.js';
import { type ArchitectureConfig, architectureSchema, buildClassifier } from './build.js';
import type { ClassifierGraph } from './classifier-graph.js';

const contents = {
  bert: {
    kind: 'bert',
    vocabularySize: 30,
    width: 8,
    layers: 1,
    heads: 2,
    intermediate: 16,
    maxPositions: 12,
    dropout: 0,
    attentionDropout: 0,
  },
  bigru: { kind: 'bigru', vocabularySize: 30, width: 6, hidden: 4, dropout: 0 },
} as const;
const entity = { kernels: [1, 2, 5], channels: 3, mlp: [7], dropout: 0 };
const endef = (content: object, change: object = {}): ArchitectureConfig =>
  architectureSchema.parse({ kind: 'endef', content, entity, ...change });
const namesOf = ({ parameters }: ClassifierGraph) => parameters.map(({ value }) => value.name);

const initializers = ({ parameters }: ClassifierGraph) =>
  new Map(
    parameters.map(({ value: { name, shape } }, p) => {
      const dims = shape as number[];
      return [
        name,
        tensorOf(
          'float32',
          dims,
          Array.from({ length: sizeOf(dims) }, (_, i) => Math.sin(p + 1.7 * i)),
        ),
      ];
    }),
  );

describe.each(Object.entries(contents))('over %s', (_, content) => {
  test('what is served is the classifier of the content to the byte, and has no input and no weight for entities', () => {
    const file = (config: ArchitectureConfig) => {
      const graph = buildClassifier(config, { labels: 3 });
      return toOnnx(graph.builder.graph([graph.logits]), { initializers: initializers(graph) });
    };
    const ours = file(endef(content));
    expect(Buffer.from(ours).equals(Buffer.from(file(architectureSchema.parse(content))))).toBe(true);
    const { inputs, nodes } = fromOnnx(ours);
    expect(inputs.map(({ name }) => name).filter((name) => !/^(input_ids|attention_mask|token_type_ids)$/.test(name))).toEqual([]);
    const read = nodes.flatMap((node) => node.inputs.map(({ name }) => name));
    expect(read.filter((name) => /entity/i.test(name))).toEqual([]);
    expect(read).toContain('classifier.weight'); // initialisers are read by name
  });

  test('in training, only the entity branch is added: its weights, its inputs, its loss', () => {
    const [training, served] = [true, false].map((on) => buildClassifier(endef(content), { labels: 3, training: on }));
    const added = namesOf(training!).filter((name) => !namesOf(served!).includes(name));
    expect(added.filter((name) => !name.startsWith('entity.'))).toEqual([]);
    expect(namesOf(served!).filter((name) => !namesOf(training!).includes(name))).toEqual([]);
    const used = training!.builder.graph([training!.logits]).inputs.map(({ name }) => name);
    expect(used).toEqual(expect.arrayContaining(['input_ids', 'entity_ids', 'entity_mask']));
    expect(training!.auxiliary.map(({ name, weight, logits }) => [name, weight, logits.shape])).toEqual([['entity', 0.2, ['batch', 3]]]);
  });

  test('the logits that are trained are .9 of the content and .1 of the entities', () => {
    const { training, read } = trained(endef(content));
    const [fused, named] = read([training.logits, training.auxiliary[0]!.logits]);
    const served = servedLogits(content);
    fused!.forEach((value, i) => {
      expect(value).toBeCloseTo(0.9 * served[i]! + 0.1 * named![i]!, 6); // .9 is single precision in the graph
    });
  });

  test('by learned fusion each side counts by a gate of its own', () => {
    const { training, read, weights } = trained(endef(content, { fusion: 'learned' }));
    const [fused, named] = read([training.logits, training.auxiliary[0]!.logits]);
    const served = servedLogits(content);
    const gated = (view: ArrayLike<number>, side: number) => {
      const [weight, bias] = ['weight', 'bias'].map((part) => weights.get(`entity.fusion.${side}.${part}`)!.data as Float32Array);
      const score = [0, 1, 2].reduce((sum, k) => sum + view[k]! * weight![k]!, bias![0]!);
      return [0, 1, 2].map((k) => view[k]! / (1 + Math.exp(-score)));
    };
    const [a, b] = [gated(served, 0), gated(named!, 1)];
    for (let k = 0; k < 3; k++) expect(fused![k]).toBeCloseTo(a[k]! + b[k]!, 10);
  });
});

test('learned fusion of a single logit is refused, with what to do', () => {
  const build = (fusion: string) => buildClassifier(endef(contents.bert, { fusion }), { labels: 1, training: true });
  expect(() => build('learned')).toThrow(/learned fusion of one logit.*Fix: set fusion to "fixed"/);
  expect(build('fixed').logits.shape).toEqual(['batch', 1]);
});

describe('a config that cannot be built', () => {
  test.each([
    [{ entity: { mlp: [256, 128, 1] } }, /the last width is 1.*Fix: leave the 1 out/],
    [{ fusion: 'gated' }, /fusion/],
    [{ content: { kind: 'endef' } }, /content/],
    [{ contentShare: 1 }, /contentShare/],
    [{ entity: { kernels: [] } }, /kernels/],
  ])('%j is refused by the schema', (change, message) => {
    expect(() => endef(contents.bert, change)).toThrow(message);
  });
});

const texts = { input_ids: [2, 5, 9, 3], attention_mask: [1, 1, 1, 1], token_type_ids: [0, 0, 0, 0] };
const names = { entity_ids: [7, 8, 0], entity_mask: [1, 1, 0] };
const fed = (inputs: Readonly<Record<string, number[]>>, weights: ReturnType<typeof initializers>) =>
  new Map(
    [...Object.entries(inputs).map(([name, data]) => [name, { dims: [1, data.length], data }] as const), ...weights].map(
      ([name, { dims, data }]) => [name, { dims, data: Float64Array.from(data as ArrayLike<number>) }] as const,
    ),
  );

function trained(config: ArchitectureConfig) {
  const training = buildClassifier(config, { labels: 3, training: true });
  const weights = initializers(training);
  const read = (values: readonly Value[]) => {
    const results = evaluate(training.builder.graph(values), fed({ ...texts, ...names }, weights));
    return values.map(({ name }) => results.get(name)!.data);
  };
  return { training, weights, read };
}

function servedLogits(content: object): Float64Array {
  const graph = buildClassifier(architectureSchema.parse(content), { labels: 3 });
  return evaluate(graph.builder.graph([graph.logits]), fed(texts, initializers(graph))).get(graph.logits.name)!.data;
}
