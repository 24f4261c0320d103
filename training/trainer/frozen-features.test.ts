import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOnnxEngine } from '../engines/onnx.js';
import { optimizerSchema } from '../optimizers/optimizer-config.js';
import { averagedLogits } from './evaluate.js';
import { keepFrozen } from './frozen-features.js';
import { type Prepared, prepare } from './prepare.js';
import { carryOut, readSmallConfig, resultOf, writeSmallData } from './testing/small-run.js';

let home: string;
let path: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-frozen-'));
  path = await writeSmallData(home);
});
afterAll(() => rm(home, { recursive: true }));

const config = (overrides: Readonly<Record<string, unknown>> = {}) =>
  readSmallConfig(path, { 'model.layers': 2, 'training.trainOnly': ['^classifier', 'layer\\.1\\.'], ...overrides });
const prepared = async (overrides: Readonly<Record<string, unknown>> = {}): Promise<{ whole: Prepared; cut: Prepared }> => {
  const whole = await prepare(await config(overrides));
  return { whole, cut: await keepFrozen(whole, whole.weights) };
};

const inputsOf = ({ graphs: { training } }: Prepared): string[] =>
  training.builder.graph([training.loss]).inputs.map(({ name }) => name.replace(/^frozen\/.*/, 'frozen'));

/** Three steps over batches of unlike length, then the answers on val. */
async function train({ graphs, weights, train: { epochs }, val, padId, dataset }: Prepared) {
  const engine = await createOnnxEngine({ graphs, weights, optimizer: optimizerSchema.parse({}), seed: 1, threads: 1 });
  const epoch = await epochs.load(0);
  const losses: number[] = [];
  for (const [step, rows] of [[0, 9, 4], [30, 2, 17, 8], [5]].entries())
    losses.push((await engine.step([epoch.batch(rows)], { step, learningRate: 1e-2, emaDecay: null })).loss);
  const logits = await averagedLogits(engine, val, padId, dataset.labels.length);
  const { weights: after } = await engine.state();
  await engine.dispose();
  return { losses, logits, after };
}

describe('what frozen layers make of a text is computed once, and training comes to the same', () => {
  const whole = { 'training.trainOnly': ['^classifier'], 'model.dropout': 0, 'model.attentionDropout': 0 };
  test.each([
    ['the lower layer, without dropout', { 'model.dropout': 0, 'model.attentionDropout': 0 }],
    ['the whole encoder, pooled', whole],
    ['the whole encoder, its last states', { ...whole, 'model.pooling': 'attention', 'training.trainOnly': ['^(?!bert)'] }],
  ])('%s', async (_, overrides) => {
    const { whole, cut } = await prepared(overrides);
    expect(cut.kept).toMatchObject({ training: true });
    expect(inputsOf(cut)).toContain('frozen');
    expect(inputsOf(cut)).not.toContain('input_ids');
    const [one, other] = [await train(whole), await train(cut)];
    for (const [i, loss] of one.losses.entries()) expect(other.losses[i]).toBeCloseTo(loss, 5);
    for (const [i, row] of one.logits.entries()) for (const [k, value] of row.entries()) expect(other.logits[i]![k]).toBeCloseTo(value, 4);
    let furthest = 0;
    for (const [name, values] of one.after)
      for (const [i, value] of values.entries()) furthest = Math.max(furthest, Math.abs(value - other.after.get(name)![i]!));
    expect(furthest).toBeLessThan(1e-4);
  });
});

describe('dropout among frozen layers', () => {
  test('stays unless the config says otherwise: the steps then compute them, evaluation does not', async () => {
    const { whole, cut } = await prepared();
    expect(cut.kept).toMatchObject({ training: false });
    expect(inputsOf(cut)).toEqual(inputsOf(whole));
    expect(cut.val.features).toBeDefined();
  });

  test('frozenDropout false: left out below, kept in what is trained', async () => {
    const { whole, cut } = await prepared({ 'training.frozenDropout': false });
    expect(cut.kept).toMatchObject({ training: true });
    const sites = ({ graphs }: Prepared) => graphs.training.masks.length;
    expect([sites(whole), sites(cut)]).toEqual([8, 4]); // of 1 after the embeddings, 3 a layer, 1 before the head
  });

  test('the dropout before a trained head is the head’s own, and stays', async () => {
    const { cut } = await prepared({ 'training.frozenDropout': false, 'training.trainOnly': ['^classifier'] });
    expect(cut.graphs.training.masks).toHaveLength(1);
  });
});

test('nothing is kept where all is trained, nor for the steps where texts are worded anew in each pass', async () => {
  const { whole, cut } = await prepared({ 'training.trainOnly': undefined });
  expect(cut).toBe(whole);
  const anew = await prepared({ 'training.frozenDropout': false, 'augmentation.eda': {} });
  expect(anew.cut.kept).toMatchObject({ training: false });
});

test('stopped and gone on with, it is the same run bit by bit', async () => {
  const frozen = await config({ 'training.frozenDropout': false });
  const [whole, broken] = [join(home, 'whole'), join(home, 'broken')];
  const unbroken = await carryOut(whole, frozen);
  await carryOut(broken, frozen, { stopAt: 7 });
  const last = await carryOut(broken, frozen, { resume: true });
  expect(await resultOf(broken)).toEqual(await resultOf(whole));
  expect(last.state).toBe(unbroken.state);
});
