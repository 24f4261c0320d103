import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder.js';
import { evaluate } from '../graph/evaluate.js';
import { learnedFusion } from './fusion.js';
import { mlp } from './mlp.js';
import { Scope } from './scope.js';

const options = { inputs: 3, widths: [4, 2], outputs: 5, dropout: 0.5 };
const write = (change: object = {}, training = false) => {
  const scope = Scope.root(new GraphBuilder({ float: 'float64' }), { training });
  const y = mlp(scope.at('classifier'), scope.graph.input('x', ['batch', 3]), { ...options, ...change });
  return { scope, y, ops: scope.graph.nodes.map(({ op }) => op) };
};
const named = ({ scope }: ReturnType<typeof write>) => scope.parameters.map(({ value: { name, shape } }) => `${name} ${shape}`);

describe('mlp', () => {
  test('has one linear layer, ReLU and dropout a width, and a last linear layer', () => {
    const written = write({}, true);
    expect(written.ops).toEqual(['MatMul', 'Add', 'Relu', 'Mul', 'MatMul', 'Add', 'Relu', 'Mul', 'MatMul', 'Add']);
    expect(written.y.shape).toEqual(['batch', 5]);
    expect(named(written).filter((name) => /weight/.test(name))).toEqual([
      'classifier.hidden.0.weight 3,4',
      'classifier.hidden.1.weight 4,2',
      'classifier.weight 2,5',
    ]);
  });

  test('without widths is a linear layer under the same names', () => {
    expect(named(write({ widths: [] }))).toEqual(['classifier.weight 3,5', 'classifier.bias 5']);
  });

  test('normalises before each ReLU where that is asked for', () => {
    const written = write({ normalized: 1e-5, widths: [4] });
    expect(written.ops).toEqual(['MatMul', 'Add', 'LayerNormalization', 'Relu', 'MatMul', 'Add']);
    expect(named(written)).toContain('classifier.hidden.0.LayerNorm.weight 4');
  });
});

test('learned fusion: a view counts by a gate that is read off it', () => {
  const scope = Scope.root(new GraphBuilder({ float: 'float64' }));
  const views = ['a', 'b'].map((name) => scope.graph.input(name, ['batch', 2]));
  const y = learnedFusion(scope, views);
  const feeds = { a: [3, 1], b: [-2, 4], '0.weight': [1, -1], '0.bias': [0.5], '1.weight': [0, 0], '1.bias': [0] };
  const fed = Object.entries(feeds).map(([name, data]) => [name, { dims: /weight/.test(name) ? [2, 1] : [1, data.length], data: Float64Array.from(data) }] as const); // biome-ignore format: a table
  const gate = 1 / (1 + Math.exp(-(3 - 1 + 0.5)));
  const { data } = evaluate(scope.graph.graph([y]), new Map(fed)).get(y.name)!;
  [3 * gate - 1, gate + 2].forEach((value, i) => {
    expect(data[i]).toBeCloseTo(value, 12);
  });
});
