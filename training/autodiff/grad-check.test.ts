import { expect, test } from 'vitest';
import * as ops from '../../models/index.js';
import { crossEntropy } from '../losses/cross-entropy.js';
import { gradCheck } from './grad-check.js';
import { gradientCases } from './gradient-cases.js';
import { gradientRules } from './rules.js';

for (const { listed, ...gradCase } of gradientCases) {
  const shapes = Object.values(gradCase.inputs).map(({ shape }) => `[${shape}]`);
  test(`gradient of ${listed.join(', ')} over ${shapes} agrees with central differences`, () => {
    expect(gradCheck(gradCase)).toBeLessThan(1e-7);
  });
}

test('crossEntropy: its gradient agrees with central differences', () => {
  const inputs = { logits: { shape: [4, 3] } };
  expect(gradCheck({ inputs, build: (g, { logits }) => crossEntropy(g, logits!, g.constant([0, 2, 1, 1], 'int64')) })).toBeLessThan(1e-7);
});

test('every op has a gradient case', () => {
  const covered = new Set<string>(gradientCases.flatMap(({ listed }) => listed));
  expect(Object.keys(gradientRules).filter((op) => !covered.has(op))).toEqual([]);
});

test('differentiate names the value that the loss does not depend on', async () => {
  const { differentiate } = await import('./differentiate.js');
  const g = new ops.GraphBuilder();
  const [a, b] = [g.input('a', [2]), g.input('b', [2])];
  const loss = ops.reduceSum(g, a, { axes: [0] });
  expect(() => differentiate(g, loss, [b])).toThrow(/does not depend on b\. Fix: remove b/);
});
