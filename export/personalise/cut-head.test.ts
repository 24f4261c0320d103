import { describe, expect, test } from 'vitest';
import { architectureSchema, buildClassifier, evaluate, GraphBuilder } from '../../models/index.js';
import { cutHead } from './cut-head.js';

const sizes = { width: 8, layers: 2, heads: 2, intermediate: 12, vocabularySize: 20 };
const cases: readonly (readonly [string, object, readonly string[]])[] = [
  ['a linear head', { kind: 'bert', ...sizes }, ['classifier.weight', 'classifier.bias']],
  ['a head above a pooler', { kind: 'bert', ...sizes, pooling: 'cls' }, ['classifier.weight', 'classifier.bias']],
  [
    'several layers, normalised',
    { kind: 'bert', ...sizes, pooling: 'attention', mlp: [6], mlpNormalized: true },
    [
      'classifier.hidden.0.weight',
      'classifier.hidden.0.bias',
      'classifier.hidden.0.LayerNorm.weight',
      'classifier.hidden.0.LayerNorm.bias',
      'classifier.weight',
      'classifier.bias',
    ],
  ],
  [
    'a recurrent model',
    { kind: 'bigru', vocabularySize: 20, width: 6, hidden: 5, layers: 1, mlp: [4] },
    ['classifier.hidden.0.weight', 'classifier.hidden.0.bias', 'classifier.weight', 'classifier.bias'],
  ],
  ['the content of ENDEF', { kind: 'endef', content: { kind: 'bert', ...sizes } }, ['classifier.weight', 'classifier.bias']],
  ['an XLNet', { kind: 'xlnet', ...sizes }, ['logits_proj.weight', 'logits_proj.bias']],
];

/** Deterministic numbers between -.5 and .5. */
function numbers(seed: number) {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648 - 0.5;
  };
}

describe.each(cases)('%s', (_, given, names) => {
  const classifier = buildClassifier(architectureSchema.parse(given), { labels: 3 });
  const head = cutHead(classifier);

  test('is found with its own parameters and no others', () => {
    expect(head.parameters.map(({ value }) => value.name)).toEqual(names);
    expect(head.labels).toBe(3);
  });

  test('gives the logits of the whole model from its features', () => {
    const { builder, features, logits, parameters } = classifier;
    const next = numbers(3);
    const weights = new Map(
      parameters.map(({ value }) => {
        const dims = value.shape as readonly number[];
        return [value.name, { dims, data: Float64Array.from({ length: dims.reduce((a, b) => a * b, 1) }, next) }] as const;
      }),
    );
    const rows = (values: readonly number[]) => ({ dims: [2, 4], data: Float64Array.from(values) });
    const inputs = new Map([
      ...weights,
      ['input_ids', rows([1, 5, 9, 2, 1, 7, 2, 0])],
      ['attention_mask', rows([1, 1, 1, 1, 1, 1, 1, 0])],
      ['token_type_ids', rows([0, 0, 0, 0, 0, 0, 0, 0])],
    ] as const);
    const whole = evaluate(builder.graph([features, logits]), inputs);

    const g = new GraphBuilder();
    const input = g.input('features', ['batch', head.width]);
    g.constant(123); // names of constants must not be carried over
    const own = new Map(head.parameters.map(({ value }) => [value.name, g.input(value.name, value.shape)]));
    const written = head.write(g, input, own);
    const alone = evaluate(g.graph([written]), new Map([...weights, ['features', whole.get(features.name)!]]));
    expect(alone.get(written.name)).toEqual(whole.get(logits.name));
    expect(new Set(whole.get(logits.name)!.data).size).toBeGreaterThan(3);
  });
});
