import { describe, expect, test } from 'vitest';
import { architectureSchema, evaluate } from '../models/index.js';
import { explainGraph } from './explain-graph.js';

const sizes = { width: 8, layers: 2, heads: 2, intermediate: 12, vocabularySize: 20 };
const architectures = [
  { kind: 'bert', ...sizes },
  { kind: 'bert', ...sizes, pooling: 'attention' },
];

/** Deterministic numbers between -.5 and .5. */
function numbers(seed: number) {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648 - 0.5;
  };
}

describe.each(architectures)('$kind $pooling', (given) => {
  test.each(['softmax', 'sigmoid', 'none'] as const)(
    'integrated gradients add up to what the text has more than its baseline (%s)',
    (activation) => {
      const config = architectureSchema.parse(given);
      const { graph, parameters, outputNames } = explainGraph(config, { labels: 3, activation, temperature: 1.7, float: 'float64' });
      const next = numbers(7);
      const weights = parameters.map(({ value }) => {
        const dims = value.shape as readonly number[];
        return [value.name, { dims, data: Float64Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => 2 * next()) }] as const;
      });
      const ids = [1, 5, 9, 3, 7, 2];
      const steps = 200;
      const run = (at: readonly number[]) => {
        const batch = at.length;
        const rows = (row: readonly number[]) => ({
          dims: [batch, row.length],
          data: Float64Array.from({ length: batch * row.length }, (_, i) => row[i % row.length]!),
        });
        const inputs = {
          input_ids: rows(ids),
          attention_mask: rows(ids.map(() => 1)),
          token_type_ids: rows(ids.map(() => 0)),
          baseline_ids: rows([1, 0, 0, 0, 0, 2]),
          progress: { dims: [batch], data: Float64Array.from(at) },
          label: rows([0, 1, 0]),
        };
        const values = evaluate(graph, new Map([...weights, ...Object.entries(inputs)]) as never) as unknown as ReadonlyMap<
          string,
          { data: Float64Array }
        >;
        const byName = new Map(
          [...outputNames].map(([name, meant]) => [meant, [...(values as never as Map<string, { data: Float64Array }>).get(name)!.data]]),
        );
        return { strength: byName.get('strength')!, attributions: byName.get('attributions')! };
      };
      const { strength } = run([0, 1]);
      const { attributions } = run(Array.from({ length: steps }, (_, i) => (i + 0.5) / steps));
      const total = attributions.reduce((sum, one) => sum + one, 0) / steps;
      const gained = strength[1]! - strength[0]!;
      expect(Math.abs(gained)).toBeGreaterThan(1e-5);
      expect(Math.abs(total - gained)).toBeLessThan(1e-3 * Math.abs(gained));
      const perToken = ids.map((_, t) => attributions.filter((_, i) => i % ids.length === t).reduce((a, b) => a + b, 0));
      expect([perToken[0], perToken[5]]).toEqual([0, 0]); // special tokens are not on the way
    },
  );
});
