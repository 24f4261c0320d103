import { expect, test } from 'vitest';
import { countScores, type Manifest, toVerdict } from '../../../models/index.js';
import { createScoreWatch, stabilityIndex, watchedLabels } from './score-watch.js';

const manifest = (given: object = {}) =>
  ({
    name: 'm',
    version: '1',
    labels: ['bad', 'good'],
    activation: 'softmax',
    temperature: 1,
    policy: { labels: {} },
    metrics: {},
    ...given,
  }) as unknown as Manifest;

/** Numbers in 0..1, the same every time. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** `share` of the texts are bad, and the model is sure of most. */
function* texts(share: number, seed = 1): Generator<readonly number[], never> {
  const next = numbers(seed);
  for (;;) {
    const logit = 6 * next.next().value;
    yield next.next().value < share ? [logit, 0] : [0, logit];
  }
}

function feed(watch: ReturnType<typeof createScoreWatch>, model: Manifest, rows: Iterator<readonly number[]>, count: number): void {
  for (let i = 0; i < count; i++) watch.observe(model, toVerdict(model, rows.next().value as readonly number[]));
}

test('the index is the sum of (p - q) ln(p / q), with half a text in each tenth', () => {
  const [few, many] = [
    [3, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 3],
  ];
  // 9 texts each with the halves: 3.5/9 against 1.5/9 in the first and the last tenth, .5/9 in both everywhere else.
  const expected = 2 * (2 / 9) * Math.log(3.5 / 1.5);
  expect(stabilityIndex(few!, many!)).toBeCloseTo(expected, 12);
  expect(stabilityIndex(few!, few!)).toBe(0);
});

test('texts like those of val have an index near nothing, whatever their number of bad ones; others have not', () => {
  const rows = texts(0.1, 5);
  const val = Array.from({ length: 2_000 }, () => toVerdict(manifest(), rows.next().value)).map((verdict) => {
    if (!('scores' in verdict)) throw new Error('no scores');
    return Object.values(verdict.scores);
  });
  const model = manifest({ metrics: { val: { macroF1: 1, accuracy: 1, scoreCounts: countScores(['bad', 'good'], val) } } });
  const watch = createScoreWatch();
  feed(watch, model, texts(0.1, 9), 1_000);
  expect(watch.references()).toEqual([{ model: 'm', version: '1', source: 'val', texts: 2_000 }]);
  for (const { index } of watch.drift()) expect(index).toBeLessThan(0.05);
  feed(watch, model, texts(0.5, 9), 1_000);
  for (const { index } of watch.drift()) expect(index).toBeGreaterThan(0.25);
  feed(watch, model, texts(0.1, 9), 1_000);
  for (const { index } of watch.drift()) expect(index, 'what is long ago counts no more').toBeLessThan(0.05);
});

test('a bundle that has recorded nothing is held to the first thousand texts that it was asked', () => {
  const watch = createScoreWatch();
  feed(watch, manifest(), texts(0.1), 1_000);
  expect(watch.references()).toEqual([{ model: 'm', version: '1', source: 'first-texts', texts: 1_000 }]);
  expect(watch.drift()).toEqual([]);
  feed(watch, manifest(), texts(0.6), 200);
  expect(watch.drift().map(({ label }) => label)).toEqual(['bad', 'good']);
  for (const { index } of watch.drift()) expect(index).toBeGreaterThan(0.25);
  expect(watch.references()[0]?.texts).toBe(1_000);
});

test('of a model of many labels the first are watched, and of a regression nothing', () => {
  const told: string[] = [];
  const watch = createScoreWatch((_model, label) => void told.push(label));
  const labels = Array.from({ length: 100 }, (_, i) => `label ${i}`);
  const many = manifest({ labels });
  watch.observe(many, toVerdict(many, new Float32Array(100)));
  expect(told).toEqual(labels.slice(0, watchedLabels));
  const regression = manifest({ name: 'r', labels: ['stars'], activation: 'none' });
  watch.observe(regression, toVerdict(regression, [3]));
  expect(watch.references()).toHaveLength(1);
});

test('a model that was let go is forgotten', () => {
  const watch = createScoreWatch();
  feed(watch, manifest(), texts(0.1), 10);
  watch.forget({ name: 'm', version: '1' });
  expect(watch.references()).toEqual([]);
});
