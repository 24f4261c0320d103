import { expect, test } from 'vitest';
import type { Verdict } from '../../models/index.js';
import type { ServedModel } from './catalogue.js';
import { createMetrics } from './metrics/metrics.js';
import { createShadow } from './shadow.js';

const model = (version: string, name = 'm'): ServedModel => ({ key: `${name}@${version}`, manifest: { name, version } }) as ServedModel;
const verdict = (version: string, label: string, score: number, decision: Verdict['decision'] = 'publish'): Verdict =>
  ({
    label,
    score,
    scores: { a: score, b: 1 - score },
    decision,
    model: 'm',
    version,
    threshold: null,
    decidedBy: null,
    rule: { kind: 'none' },
  }) as Verdict;

function setUp(share: number, answer: (texts: number) => readonly Verdict[], room = true) {
  const metrics = createMetrics();
  const asked: string[] = [];
  const deps = {
    find: (reference: string) => {
      if (reference === 'm@2') return model('2');
      throw new Error('gone');
    },
    answer: async (shadow: ServedModel, texts: readonly unknown[]) => {
      asked.push(shadow.key);
      return answer(texts.length);
    },
    hasRoom: () => room,
    metrics,
  };
  return { shadow: createShadow({ model: 'm@2', share }, deps), asked, metrics, deps };
}
const counted = async (metrics: ReturnType<typeof createMetrics>) =>
  (await metrics.shadowTexts.get()).values.map(({ labels, value }) => [labels.agrees, labels.decision, labels.shadow_decision, value]);

test('what both say is compared text by text, label and decision', async () => {
  const { shadow, metrics } = setUp(1, () => [verdict('2', 'a', 0.9), verdict('2', 'b', 0.4, 'review')]);
  shadow.observe(model('1'), ['x', 'y'], [verdict('1', 'a', 0.8), verdict('1', 'b', 0.45)]);
  await shadow.idle();
  expect(await counted(metrics)).toEqual([
    ['true', 'publish', 'publish', 1],
    ['false', 'publish', 'review', 1],
  ]);
  const { sum } = (await metrics.shadowDifference.get()).values.reduce(
    (all, { metricName, value }) => (metricName?.endsWith('_sum') ? { sum: value } : all),
    { sum: 0 },
  );
  expect(sum).toBeCloseTo(0.15, 9);
});

test('the share is spread evenly', async () => {
  const { shadow, asked } = setUp(0.3, () => [verdict('2', 'a', 1)]);
  for (let i = 0; i < 100; i++) shadow.observe(model('1'), ['x'], [verdict('1', 'a', 1)]);
  await shadow.idle();
  expect(asked).toHaveLength(30);
});

test('not asked along: itself, other names, when there is no room, when it is gone', async () => {
  const { shadow, asked, deps } = setUp(1, () => []);
  shadow.observe(model('2'), ['x'], [verdict('2', 'a', 1)]);
  shadow.observe(model('1', 'other'), ['x'], [verdict('1', 'a', 1)]);
  createShadow({ model: 'm@3', share: 1 }, deps).observe(model('1'), ['x'], [verdict('1', 'a', 1)]);
  const busy = setUp(1, () => [], false);
  busy.shadow.observe(model('1'), ['x'], [verdict('1', 'a', 1)]);
  expect([asked, busy.asked]).toEqual([[], []]);
  expect((await busy.metrics.shadowSkipped.get()).values).toContainEqual({ labels: { reason: 'busy' }, value: 1 });
});

test('a shadow that fails is counted and harms nobody', async () => {
  const { shadow, metrics } = setUp(1, () => {
    throw new Error('no');
  });
  shadow.observe(model('1'), ['x'], [verdict('1', 'a', 1)]);
  await shadow.idle();
  expect((await metrics.shadowSkipped.get()).values).toContainEqual({ labels: { reason: 'failed' }, value: 1 });
});
