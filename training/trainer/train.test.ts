import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runFiles } from '../../models/index.js';
import { readRun } from '../../models/run/node.js';
import { readWeights } from '../../models/weights/node.js';
import { relativeDifference } from '../../test/golden.js';
import type { SingleLabelMetrics } from '../metrics/single-label.js';
import { checkpointNames, readCheckpoint } from './checkpoint.js';
import { withRate } from './config.js';
import { prepare } from './prepare.js';
import { carryOut, readSmallConfig, resultOf, writeSmallData } from './testing/small-run.js';
import { plan } from './train.js';
import { trainRun } from './train-run.js';
import { checkpointFolder } from './training-loop.js';

let home: string;
let path: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-train-'));
  path = await writeSmallData(home);
});
afterAll(() => rm(home, { recursive: true }));

const config = (overrides: Readonly<Record<string, unknown>> = {}) => readSmallConfig(path, overrides);

test('it learns: the loss falls and val is better than guessing; the run that it leaves can be opened', async () => {
  const folder = join(home, 'learns');
  const { events } = await carryOut(folder, await config({ 'training.epochs': 30, 'training.learningRate': 0.01 }));
  const losses = events.flatMap((event) => (event.kind === 'step' ? [event.loss] : []));
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  expect(mean(losses.slice(-10))).toBeLessThan(0.5 * mean(losses.slice(0, 10)));
  const { run, predictions, weights } = await readRun(folder);
  expect(run.best.value).toBeGreaterThan(0.9);
  expect(await predictions()).toHaveLength(12);
  expect((await weights()).get('classifier.weight')!.dims).toEqual([2, 16]);
  expect(await readFile(join(folder, runFiles.report), 'utf8')).toContain('<html');
});

test('every event in its place: evaluations, the best of them, checkpoints, and at last all three', async () => {
  const { events } = await carryOut(join(home, 'events'), await config());
  const at = (kind: string) => events.flatMap((event) => (event.kind === kind && 'step' in event ? [event.step] : []));
  expect(at('step')).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(at('evaluation')).toEqual([6, 12, 18, 20]); // the last step is evaluated, though it is no multiple of 6
  expect(at('checkpoint')).toEqual([4, 8, 12, 16, 20]);
  expect(events.slice(-3).map(({ kind }) => kind)).toEqual(['end', 'checkpoint', 'finished']);
  const [first] = events.filter((event) => event.kind === 'evaluation');
  expect(first).toMatchObject({ best: true });
});

test.each([
  [20, 'is of no account once the run is finished', 'finished'],
  [12, 'ends a run that is not', 'not a directory'],
])('a checkpoint of step %i that cannot be written %s', async (at, _, outcome) => {
  const folder = join(home, `full-${at}`);
  const run = async (): Promise<string | undefined> => {
    let last: string | undefined;
    for await (const { kind } of trainRun({ config: await config({ 'training.checkpointEvery': at }), folder })) {
      last = kind;
      if (kind !== 'prepared') continue;
      await rm(checkpointFolder(folder), { recursive: true, force: true });
      await writeFile(checkpointFolder(folder), 'no folder');
    }
    return last;
  };
  expect(await run().catch((error: Error) => error.message)).toContain(outcome);
  expect(existsSync(join(folder, runFiles.run))).toBe(at === 20);
});

test('the rates are those of the schedule, the texts those of an epoch', async () => {
  const { events } = await carryOut(join(home, 'rates'), await config({ 'training.schedule.warmup': 4 }));
  const steps = events.flatMap((event) => (event.kind === 'step' ? [event] : []));
  expect(steps.slice(0, 6).map(({ learningRate }) => learningRate / 3e-3)).toEqual(
    [0.25, 0.5, 0.75, 1, 1, 15 / 16].map((x) => expect.closeTo(x, 12)),
  );
  for (const epoch of [0, 1, 2, 3]) {
    const texts = steps.filter((step) => step.epoch === epoch).map((step) => step.texts);
    expect(texts.toSorted()).toEqual([5, 8, 8, 8, 8]); // 37 in all, in an order of its own
  }
});

test('the average starts where the config says: until then it is the weights', async () => {
  const folder = join(home, 'average');
  await carryOut(folder, await config(), { stopAt: 3 });
  const early = await readCheckpoint(checkpointFolder(folder), 'step-00000003');
  expect(early.state.average).toEqual(early.state.weights);
  await carryOut(folder, await config(), { resume: true, stopAt: 4 });
  const { state } = await readCheckpoint(checkpointFolder(folder), 'step-00000004');
  const { steps, emaDecay } = plan(withRate(await config(), 1), 37);
  expect(emaDecay).toBeCloseTo(1 - 10 / steps, 12); // in a run as short as this it is less than the config's
  for (const [name, average] of state.average) {
    const before = early.state.average.get(name)!;
    const expected = state.weights.get(name)!.map((w, i) => emaDecay * before[i]! + (1 - emaDecay) * w);
    expect(relativeDifference(average, expected)).toBeLessThan(1e-6);
  }
  expect(plan(withRate(await config({ 'training.ema.start': 0.25 }), 1), 37)).toMatchObject({
    steps: 20,
    stepsPerEpoch: 5,
    emaStart: 5,
    emaDecay: 0.5,
  });
});

test('patience: it stops after so many evaluations without a better one', async () => {
  const still = { 'training.learningRate': 1e-12, 'training.patience': 2, 'training.evaluateEvery': 3 };
  const { events } = await carryOut(join(home, 'patience'), await config(still));
  expect(events.flatMap((event) => (event.kind === 'evaluation' ? [[event.step, event.best]] : []))).toEqual([
    [3, true],
    [6, false],
    [9, false],
  ]);
  expect(events.find(({ kind }) => kind === 'end')).toMatchObject({ kind: 'end', step: 9, reason: 'early', best: { step: 3 } });
  expect(await readFile(join(home, 'patience', runFiles.report), 'utf8')).toContain(
    'Stopped at step 9: 2 evaluations without a better macro F1.',
  );
});

test('a metric of which less is more chooses the least', async () => {
  const { events } = await carryOut(join(home, 'log-loss'), await config({ 'training.metric': 'logLoss' }));
  const evaluations = events.flatMap((event) => (event.kind === 'evaluation' ? [event] : []));
  let least = Number.POSITIVE_INFINITY;
  for (const { metrics, best } of evaluations) {
    const { logLoss } = metrics as SingleLabelMetrics;
    expect(best).toBe(logLoss! < least);
    least = Math.min(least, logLoss!);
  }
});

test('a step that gives no number stops the run: the step, the texts, and the last good checkpoint', async () => {
  const folder = join(home, 'nan');
  const wild = {
    'training.learningRate': 1e30,
    'training.schedule.kind': 'constant',
    'training.schedule.warmup': 0,
    'training.checkpointEvery': 1,
  };
  const failed = carryOut(folder, await config(wild));
  await expect(failed).rejects.toMatchObject({
    code: 'training/nan',
    message: expect.stringMatching(
      /^train: step 2 \(epoch 1\): loss \S+, gradient norm \S+ at learning rate 1\.00e\+30, on train examples (\d+, )+\d+ \(counted from 1\); the checkpoint of step 1 is kept\. Fix: lower training\.learningRate/,
    ),
  });
  expect(await checkpointNames(checkpointFolder(folder))).toEqual(['step-00000001']);
  const { state } = await readCheckpoint(checkpointFolder(folder), 'step-00000001');
  expect(state.updates).toBe(1);
  expect((await resultLog(folder)).map(({ step }) => step)).toEqual([1]);
});

test('the texts that made it are those of the step', async () => {
  const wild = await config({
    'training.learningRate': 1e30,
    'training.schedule.kind': 'constant',
    'training.schedule.warmup': 0,
    'training.batchSize': 37,
  });
  const error = await carryOut(join(home, 'nan-all'), wild).catch((thrown: Error) => thrown);
  expect((error as Error).message).toContain(`on train examples ${Array.from({ length: 37 }, (_, i) => i + 1).join(', ')} (counted`);
  expect((error as Error).message).toContain('there was no checkpoint yet');
});

test('trainOnly: what its patterns do not match stays to the last bit as it was', async () => {
  const only = await config({ 'training.trainOnly': ['^classifier\\.'] });
  const before = await prepare(only);
  await carryOut(join(home, 'only'), only, { stopAt: 12 });
  const { state } = await readCheckpoint(checkpointFolder(join(home, 'only')), 'step-00000012');
  const changed = [...state.weights]
    .filter(([name, data]) => relativeDifference(data, before.weights.get(name)!) > 0)
    .map(([name]) => name);
  expect(changed.sort()).toEqual(['classifier.bias', 'classifier.weight']);
  expect([...state.first.keys()].sort()).toEqual(['classifier.bias', 'classifier.weight']);
  const frozen = [...state.average].filter(([name]) => !name.startsWith('classifier.'));
  for (const [name, average] of frozen) expect(average, name).toEqual(before.weights.get(name)); // nor is it averaged away
});

test('what is kept are the averaged weights of the best evaluation; from the same config come the same', async () => {
  const [folder, checkpoints] = [join(home, 'again'), join(home, 'again-checkpoints')];
  await carryOut(folder, await config({ 'training.checkpointEvery': 6 }), { copyTo: checkpoints });
  expect(await resultOf(folder)).toEqual(await resultOf(join(home, 'events')));
  const { run } = await readRun(folder);
  const { state } = await readCheckpoint(checkpoints, `step-${String(run.best.step).padStart(8, '0')}`);
  const best = await readWeights(join(folder, runFiles.weights));
  expect(best.get('classifier.bias')!.data).toEqual(state.average.get('classifier.bias'));
  expect(best.get('classifier.bias')!.data).not.toEqual(state.weights.get('classifier.bias'));
});

async function resultLog(folder: string): Promise<readonly { readonly step: number }[]> {
  const text = await readFile(join(folder, runFiles.log), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: number });
}
