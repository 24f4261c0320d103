import { expect, test } from 'vitest';
import { defaultLoss, type LossKind, losses, lossSchema, lossTasks, resolveLoss } from './loss.js';
import { lossCases } from './testing/loss-cases.js';

const kinds = Object.keys(losses) as LossKind[];
const counts = { texts: 100, labels: [80, 20, 0] };

test('every kind is in the schema, for some task, and among the cases that all losses must pass', () => {
  expect(lossSchema.options.map(({ shape }) => shape.kind.value).sort()).toEqual([...kinds].sort());
  for (const kind of kinds) {
    expect(lossTasks[kind].length).toBeGreaterThan(0);
    for (const task of lossTasks[kind])
      expect(lossCases.some(({ title }) => title.startsWith(`${kind} {`) && title.endsWith(`for ${task}`))).toBe(true);
    expect(lossSchema.parse({ kind })).toMatchObject({ kind });
    expect(lossSchema.safeParse({ kind, typo: 1 }).success).toBe(false);
  }
});

test.each(['single-label', 'multi-label', 'regression'] as const)('%s has a loss of its own when none is named', (task) => {
  expect(lossTasks[defaultLoss(task).kind]).toContain(task);
});

test('balanced classes count the same in total; a label without texts counts 1', () => {
  const { weights } = resolveLoss(lossSchema.parse({ kind: 'cross-entropy', classWeights: 'balanced' }), counts);
  expect(weights).toEqual([100 / 240, 100 / 60, 1]);
  expect(weights![0]! * 80).toBeCloseTo(weights![1]! * 20, 12);
});

test('balanced positives count as much as what lacks the label', () => {
  const { weights } = resolveLoss(lossSchema.parse({ kind: 'binary-cross-entropy', positiveWeights: 'balanced' }), counts);
  expect(weights).toEqual([0.25, 4, 1]);
});

test('weights that are given stay, and none are made up', () => {
  expect(resolveLoss(lossSchema.parse({ kind: 'focal', classWeights: [1, 2, 3] }), counts)).toEqual({
    kind: 'focal',
    gamma: 2,
    reduction: 'mean',
    weights: [1, 2, 3],
  });
  expect(resolveLoss(defaultLoss('single-label'), counts)).toEqual({ kind: 'cross-entropy', labelSmoothing: 0 });
});
