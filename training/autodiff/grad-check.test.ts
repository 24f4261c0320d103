import { describe, expect, test } from 'vitest';
import * as ops from '../../models/index.js';
import { differentiate } from './differentiate.js';
import { gradCheck } from './grad-check.js';
import { gradientCases } from './gradient-cases.js';
import { gradientRules } from './rules.js';

for (const { listed, ...gradCase } of gradientCases) {
  const shapes = Object.values(gradCase.inputs).map(({ shape }) => `[${shape}]`);
  test(`gradient of ${listed.join(', ')} over ${shapes} agrees with central differences`, () => {
    expect(gradCheck(gradCase)).toBeLessThan(1e-7);
  });
}

test('every op has a gradient case', () => {
  const covered = new Set<string>(gradientCases.flatMap(({ listed }) => listed));
  expect(Object.keys(gradientRules).filter((op) => !covered.has(op))).toEqual([]);
});

describe('differentiate', () => {
  const g = new ops.GraphBuilder({ float: 'float64' });
  const [a, b] = [g.input('a', [2]), g.input('b', [2])];
  const sum = (x: ops.Value) => ops.reduceSum(g, x, { axes: [0] });

  test('names the value that the loss does not depend on', () => {
    expect(() => differentiate(g, sum(a), [b])).toThrow(/does not depend on b, or only through what has no gradient\. Fix: remove b/);
  });

  test('wants one number', () => {
    const y = ops.exp(g, a);
    expect(() => differentiate(g, y, [a])).toThrow(/is \[2\], not one number\. Fix: reduce it/);
  });

  test('of the loss by itself is one', () => {
    const loss = sum(a);
    const [one] = differentiate(g, loss, [loss]);
    expect(ops.evaluate(g.graph([one!]), new Map()).get(one!.name)!.data).toEqual(Float64Array.of(1));
  });

  test('through an op that overwrites is a fault of the program that says why', () => {
    const [y] = g.add('ScatterElements', [a, g.constant([0], 'int64'), g.constant([1])], { axis: 0, reduction: 'none' });
    expect(() => differentiate(g, sum(y!), [a])).toThrow(/ScatterElements \(\w+\) has no gradient: it overwrites/);
  });

  test('writes nothing for what lies below the values asked for', () => {
    const deep = ops.exp(g, ops.exp(g, ops.exp(g, a)));
    const loss = sum(ops.mul(g, deep, b));
    const before = g.nodes.length;
    differentiate(g, loss, [b]);
    expect(g.nodes.slice(before).map(({ op }) => op)).not.toContain('Exp');
    expect(g.nodes.length - before).toBeLessThan(6);
  });

  test('sums over every way from a value to the loss', () => {
    const y = sum(ops.add(g, ops.mul(g, a, a), ops.mul(g, a, b))); // d/da = 2a + b
    const [da] = differentiate(g, y, [a]);
    const feeds = new Map([
      ['a', { dims: [2], data: Float64Array.of(3, -1) }],
      ['b', { dims: [2], data: Float64Array.of(10, 20) }],
    ]);
    expect(ops.evaluate(g.graph([da!]), feeds).get(da!.name)!.data).toEqual(Float64Array.of(16, 18));
  });
});
