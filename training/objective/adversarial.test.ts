import { describe, expect, test } from 'vitest';
import { architectureSchema, evaluate, type Numbers, sizeOf, type Value } from '../../models/index.js';
import { createRandom } from '../data/random.js';
import { type ClassifierStep, classifierStep } from './classifier-step.js';
import { regularisersSchema } from './regularisers.js';

const architecture = architectureSchema.parse({
  kind: 'bert',
  vocabularySize: 12,
  width: 4,
  layers: 1,
  heads: 2,
  intermediate: 6,
  maxPositions: 5,
  initializerRange: 0.5,
  dropout: 0,
  attentionDropout: 0,
});
const numbers = (dims: readonly number[], values: readonly number[]): Numbers => ({ dims, data: Float64Array.from(values) });
const random = createRandom(5);
const parameters = new Map(
  classifierStep({ architecture, labels: 2 }).parameters.map(({ value: { name, shape } }) => {
    const size = sizeOf(shape as number[]);
    return [
      name,
      numbers(
        shape as number[],
        Array.from({ length: size }, () => random.next() - 0.5),
      ),
    ] as const;
  }),
);
/** The second text is padded; token 7 comes in both, twice in the first. */
const feeds = new Map([
  ...parameters,
  ['input_ids', numbers([2, 4], [2, 7, 7, 3, 2, 7, 3, 0])],
  ['attention_mask', numbers([2, 4], [1, 1, 1, 1, 1, 1, 1, 0])],
  ['token_type_ids', numbers([2, 4], [0, 0, 0, 0, 0, 0, 0, 0])],
  ['targets', numbers([2, 2], [1, 0, 0, 1])],
] as const);

function run(adversarial: object) {
  const step = classifierStep({ architecture, labels: 2, regularisers: regularisersSchema.parse({ adversarial }) });
  const noise = noiseOf(step);
  const wanted = [noise, step.parts.supervised!, step.parts.adversarial!, step.loss];
  const values = evaluate(step.builder.graph(wanted), feeds);
  const [moved, plain, worse, loss] = wanted.map(({ name }) => values.get(name)!.data);
  return { noise: moved!, plain: plain![0]!, worse: worse![0]!, loss: loss![0]! };
}

/** What the second pass adds to the word vectors: [2, 4, 4]. */
function noiseOf({ builder }: ClassifierStep): Value {
  const stop = builder.nodes.find(
    ({ op, attributes, outputs }) => op === 'Identity' && attributes.stopsGradient && outputs[0]!.shape.length === 3,
  );
  return stop!.outputs[0]!;
}
const length = (values: Float64Array) => Math.hypot(...values);
const table = [...parameters.values()].find(({ dims }) => dims[0] === 12)!;
/** The root mean square of the lengths of the table's 12 rows. */
const wordLength = length(table.data as Float64Array) / Math.sqrt(12);

describe('FGM', () => {
  test('moves the vectors of each text by epsilon lengths of a word vector, to where the loss is larger; both losses count', () => {
    const { noise, plain, worse, loss } = run({ epsilon: 0.1, weight: 0.5 });
    expect(length(noise.slice(0, 16))).toBeCloseTo(0.1 * wordLength, 7);
    expect(length(noise.slice(16))).toBeCloseTo(0.1 * wordLength, 7);
    expect(worse).toBeGreaterThan(plain);
    expect(loss).toBeCloseTo(plain + 0.5 * worse, 12);
  });

  test('the loss grows by epsilon times the length of the gradient, as far as it is straight', () => {
    const epsilon = 1e-5;
    const [{ plain, worse }, doubled] = [run({ epsilon }), run({ epsilon: 2 * epsilon })];
    expect((doubled.worse - plain) / (worse - plain)).toBeCloseTo(2, 3);
  });

  test('padding stays where it is', () => {
    expect(length(run({}).noise.slice(28))).toBe(0);
  });

  test('by the table a word is moved alike wherever it stands, and the table by epsilon in all', () => {
    const { noise, plain, worse } = run({ norm: 'table', epsilon: 0.1 });
    const at = (text: number, token: number) => noise.slice((text * 4 + token) * 4, (text * 4 + token + 1) * 4);
    expect(at(0, 1)).toEqual(at(0, 2));
    expect(at(0, 1)).toEqual(at(1, 1));
    const words = [at(0, 0), at(0, 1), at(0, 3), at(1, 3)]; // tokens 2, 7, 3 and the padding
    expect(Math.hypot(...words.map(length))).toBeCloseTo(0.1 * wordLength, 7);
    expect(worse).toBeGreaterThan(plain);
  });

  test('the table of words itself is read, never written', () => {
    const {
      builder,
      parameters: all,
      loss,
    } = classifierStep({ architecture, labels: 2, regularisers: regularisersSchema.parse({ adversarial: {} }) });
    const table = all.find(({ value }) => value.name.endsWith('word_embeddings.weight'))!.value.name;
    const { nodes } = builder.graph([loss]);
    const readers = nodes.filter(({ inputs }) => inputs.some(({ name }) => name === table));
    expect(readers.map(({ op }) => op).sort()).toEqual(['Gather', 'Gather', 'Mul']);
    expect(nodes.filter(({ outputs }) => outputs.some(({ name }) => name === table))).toEqual([]);
  });
});
