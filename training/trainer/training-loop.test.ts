import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../engines/engine.js';
import { scheduleSchema } from '../optimizers/schedule.js';
import { checkpointNames, readCheckpoint } from './checkpoint.js';
import { checkpointFolder, type LoopEvent, trainingLoop } from './training-loop.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-loop-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** One weight that each step adds 1 to; a step has a loss that is no number from `failsAt` on. */
function counting(failsAt = Number.POSITIVE_INFINITY): Engine {
  let weight = 0;
  const one = () => new Map([['w', Float32Array.of(weight)]]);
  return {
    name: 'counting',
    device: 'none',
    async step() {
      const applied = weight < failsAt;
      if (applied) weight += 1;
      return { loss: applied ? 1 : Number.NaN, parts: {}, gradientNorm: 1, applied, overflowed: false };
    },
    evaluate: async () => new Float32Array(),
    state: async () => ({ weights: one(), first: one(), second: one(), average: one(), updates: weight }),
    average: async () => one(),
    restore: async () => {},
    dispose: async () => {},
  };
}

const pace = {
  steps: 7,
  stepsPerEpoch: 7,
  emaStart: 0,
  emaDecay: 0.5,
  learningRate: 1,
  evaluateEvery: 7,
  checkpointEvery: 2,
  keep: 9,
  patience: 0,
};
const loop = (engine: Engine): AsyncGenerator<LoopEvent<object>, void> =>
  trainingLoop<object>({
    engine,
    folder,
    pace: { ...pace, schedule: scheduleSchema.parse({}) },
    lesson: {
      update: async ({ step }) => ({ batches: [], rows: [step] }),
      evaluate: async () => ({ value: 1, measured: {} }),
      direction: 1,
      fingerprint: 'f',
    },
  });

test('a checkpoint holds the step at which it was asked for, though steps go on while it is written', async () => {
  const events: LoopEvent<object>[] = [];
  for await (const event of loop(counting())) events.push(event);
  expect(events.flatMap((event) => (event.kind === 'checkpoint' ? [event.step] : []))).toEqual([2, 4, 6, 7]);
  expect(events.slice(-2).map(({ kind }) => kind)).toEqual(['end', 'checkpoint']); // the last is still written while whoever reads goes on
  const names = await checkpointNames(checkpointFolder(folder));
  const held = await Promise.all(names.map((name) => readCheckpoint(checkpointFolder(folder), name)));
  expect(held.map(({ progress, state }) => [progress.step, state.weights.get('w')![0]])).toEqual([7, 6, 4, 2].map((step) => [step, step]));
});

test('a loss that is no number right after a checkpoint was asked for: it is whole, and named', async () => {
  const read = async () => {
    for await (const _ of loop(counting(4)));
  };
  await expect(read()).rejects.toThrow(/step 5 .*the checkpoint of step 4 is kept/);
  expect(await checkpointNames(checkpointFolder(folder))).toEqual(['step-00000004', 'step-00000002']);
});

test('whoever stops reading leaves no write behind', async () => {
  for await (const event of loop(counting())) if (event.kind === 'step' && event.step === 3) break;
  expect(await readdir(checkpointFolder(folder))).toEqual(['step-00000002']);
});
