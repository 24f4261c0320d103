/** @file Losses held to PyTorch: values within 1e-5, gradients within 1e-4 of the largest entry. */
import { describe, expect, test } from 'vitest';
import { add, GraphBuilder as Builder, evaluate, type GraphBuilder, mul, type Numbers, numbersOf, type Value } from '../../models/index.js';
import { goldenCase, goldenTensors, relativeDifference } from '../../test/golden.js';
import { differentiate } from '../autodiff/differentiate.js';
import type { Task } from '../data/dataset.js';
import { distillation } from './distillation.js';
import { lossSchema, type ResolvedLoss, supervisedLoss } from './loss.js';
import { rDrop } from './r-drop.js';
import { selfContrastive } from './self-contrastive.js';
import { supervisedContrastive } from './supervised-contrastive.js';
import { tsaCrossEntropy } from './tsa.js';
import { udaConsistency } from './uda.js';

const stored = await goldenTensors('losses/case.safetensors');
const gradients = await goldenTensors('losses/grads.safetensors');
const { values } = goldenCase<{ values: Readonly<Record<string, number>> }>('losses');

const matrix = (name: string, width?: number): Numbers => {
  const { dims, data } = stored.get(name)!;
  return { dims: width ? [dims[0]!, width] : dims, data: Float64Array.from(data as Float32Array) };
};
const oneHot = (name: string): Numbers => {
  const labels = numbersOf(stored.get(name)!);
  const count = Math.max(...labels) + 1;
  return {
    dims: [labels.length, count],
    data: Float64Array.from(labels.flatMap((label) => Array.from({ length: count }, (_, i) => Number(i === label)))),
  };
};
const inputs: Readonly<Record<string, Numbers>> = {
  p: matrix('p'),
  q: matrix('q'),
  labels: oneHot('labels'),
  multi_labels: matrix('multi_labels'),
  features: matrix('features'),
  feature_labels: oneHot('feature_labels'),
  prediction: matrix('prediction', 1),
  target: matrix('target', 1),
};
type Build = (g: GraphBuilder, values: Readonly<Record<string, Value>>) => Value;

function written(build: Build) {
  const g = new Builder({ float: 'float64' });
  const byName = Object.fromEntries(Object.entries(inputs).map(([name, { dims }]) => [name, g.input(name, dims)]));
  const feeds = new Map(Object.entries(inputs));
  const loss = build(g, byName);
  const read = (outputs: readonly Value[]) => evaluate(g.graph(outputs), feeds);
  return {
    value: () => read([loss]).get(loss.name)!.data[0]!,
    gradient: (name: string) => {
      const [one] = differentiate(g, loss, [byName[name]!]);
      return read([one!]).get(one!.name)!.data;
    },
  };
}
const named = (config: object, logits: string, target: string): Build => {
  const parsed = lossSchema.parse(config) as ResolvedLoss;
  return (g, all) => supervisedLoss(g, { logits: all[logits]!, target: all[target]! }, parsed);
};
const weighted = (config: object, weights: readonly number[], target: string): Build => {
  const parsed = { ...lossSchema.parse(config), weights } as ResolvedLoss;
  return (g, all) => supervisedLoss(g, { logits: all.p!, target: all[target]! }, parsed);
};
const crossEntropy = named({ kind: 'cross-entropy' }, 'p', 'labels');
const uda = { temperature: 0.4, threshold: 0.5, maskOn: 'raw', meanOver: 'batch' } as const;

const golden: Readonly<Record<string, Build>> = {
  r_drop_alpha_4: (g, all) => {
    const both = add(g, crossEntropy(g, all), named({ kind: 'cross-entropy' }, 'q', 'labels')(g, all));
    return add(g, mul(g, both, 0.5), mul(g, rDrop(g, { first: all.p!, second: all.q! }, 'single-label'), 4));
  },
  dice_smooth_1: named({ kind: 'dice' }, 'p', 'labels'),
  'binary_focal_gamma_2_alpha_.25': named({ kind: 'binary-focal' }, 'p', 'multi_labels'),
  focal_gamma_2_class_alpha: weighted({ kind: 'focal' }, [0.1, 0.2, 0.3, 0.4], 'labels'),
  'mse_plus_1.5_one_minus_pearson': named({ kind: 'mse-correlation' }, 'prediction', 'target'),
  'sup_con_T_1.0': (g, all) => supervisedContrastive(g, { features: all.features!, target: all.feature_labels! }, { temperature: 1 }),
  'sup_con_T_0.2': (g, all) => supervisedContrastive(g, { features: all.features!, target: all.feature_labels! }, { temperature: 0.2 }),
  'uda_consistency_T_.4_raw_mask_.5_batch_mean': (g, all) => udaConsistency(g, { augmented: all.p!, original: all.q! }, uda),
  distillation_T_2: (g, all) => distillation(g, { student: all.p!, teacher: all.q! }, 'single-label', { temperature: 2 }),
  'label_smoothing_.1': named({ kind: 'cross-entropy', labelSmoothing: 0.1 }, 'p', 'labels'),
};

describe.each(Object.entries(golden))('%s', (name, build) => {
  const graph = written(build);
  test('has the value of PyTorch', () => expect(Math.abs(graph.value() / values[name]! - 1)).toBeLessThan(1e-5));
  test.each([...gradients.keys()].filter((key) => key.startsWith(`${name}.`)))('has its gradient: %s', (key) => {
    const expected = numbersOf(gradients.get(key)!);
    expect(relativeDifference(graph.gradient(key.slice(name.length + 1)), expected)).toBeLessThan(1e-4);
  });
});

test('every golden loss is held to', () => {
  const others = ['sup_con_T_1.0_mean_over_all_rows', 'sup_con_T_0.2_mean_over_all_rows', 'uda_kept', 'uda_kept_mean'];
  expect(Object.keys(golden).sort()).toEqual(Object.keys(values).filter((name) => !others.includes(name)).sort()); // biome-ignore format: one thought
  expect([...gradients.keys()].filter((key) => !Object.keys(golden).some((name) => key.startsWith(`${name}.`)))).toEqual([]);
});

/**
 * Settings that the goldens leave out, on the same tensors by PyTorch 2.15 in float64: `F.cross_entropy` with `weight` and `label_smoothing`,
 * `F.binary_cross_entropy_with_logits` with `pos_weight`, `torch.distributions.kl_divergence` of `Bernoulli`, and the formulas written out.
 */
const weights = [0.5, 2, 1, 3];
const passes =
  (task: Task): Build =>
  (g, all) =>
    rDrop(g, { first: all.p!, second: all.q! }, task);
test.each<readonly [string, number, Build]>([
  ['cross-entropy', 1.757246242, crossEntropy],
  ['cross-entropy with class weights', 1.594343528, weighted({ kind: 'cross-entropy' }, weights, 'labels')],
  ['cross-entropy with class weights, smoothed', 1.60833847, weighted({ kind: 'cross-entropy', labelSmoothing: 0.1 }, weights, 'labels')],
  ['binary cross-entropy', 0.720756551, named({ kind: 'binary-cross-entropy' }, 'p', 'multi_labels')],
  ['binary cross-entropy with positive weights', 0.811469448, weighted({ kind: 'binary-cross-entropy' }, weights, 'multi_labels')],
  ['binary focal of gamma 1.5', 0.213769816, named({ kind: 'binary-focal', gamma: 1.5 }, 'p', 'multi_labels')],
  ['self-adjusting dice', 0.232996765, named({ kind: 'dice', selfAdjusting: true }, 'p', 'multi_labels')],
  ['self-adjusting dice of alpha .5, smooth .1', 0.660991556, named({ kind: 'dice', selfAdjusting: true, alpha: 0.5, smooth: 0.1 }, 'p', 'multi_labels')], // biome-ignore format: a row each
  ['mean squared error', 1.459370802, named({ kind: 'mse' }, 'p', 'q')],
  ['r-drop of distributions', 0.375442782, passes('single-label')],
  ['r-drop of several labels', 0.620117332, passes('multi-label')],
  ['r-drop of values', 1.459370802, passes('regression')],
  ['r-drop of some rows', 0.79283904, (g, all) => rDrop(g, { first: all.p!, second: all.q! }, 'multi-label', g.constant([1, 0, 1, 1, 0, 0, 0, 1]))], // biome-ignore format: a row each
  ['distillation of several labels', 0.68735846, (g, all) => distillation(g, { student: all.p!, teacher: all.q! }, 'multi-label', { temperature: 2 })], // biome-ignore format: a row each
  ['distillation of values', 1.459370802, (g, all) => distillation(g, { student: all.p!, teacher: all.q! }, 'regression', { temperature: 2 })], // biome-ignore format: a row each
  ['self-contrastive', 17.094333688, (g, all) => selfContrastive(g, { first: all.p!, second: all.q! }, { temperature: 0.05 })],
  ['cross-entropy below a probability of .3', 2.206582349, (g, all) => tsaCrossEntropy(g, { logits: all.p!, target: all.labels! }, g.constant(0.3))], // biome-ignore format: a row each
  ['cross-entropy below a probability of .1', 3.027366036, (g, all) => tsaCrossEntropy(g, { logits: all.p!, target: all.labels! }, g.constant(0.1))], // biome-ignore format: a row each
  ['uda over the one kept', values.uda_kept_mean!, (g, all) => udaConsistency(g, { augmented: all.p!, original: all.q! }, { ...uda, meanOver: 'kept' })], // biome-ignore format: a row each
  ['uda, mask on sharpened .6, over the batch', 0.496782991, (g, all) => udaConsistency(g, { augmented: all.p!, original: all.q! }, { ...uda, threshold: 0.6, maskOn: 'sharpened' })], // biome-ignore format: a row each
  ['uda, mask on sharpened .6, over those kept', 0.662377321, (g, all) => udaConsistency(g, { augmented: all.p!, original: all.q! }, { ...uda, threshold: 0.6, maskOn: 'sharpened', meanOver: 'kept' })], // biome-ignore format: a row each
])('%s is %d', (_, expected, build) => expect(Math.abs(written(build).value() / expected - 1)).toBeLessThan(1e-5));
