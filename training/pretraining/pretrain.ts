/** @file Pre-training as a lesson of the training loop: rows, masked anew in each epoch, and how well the held-out ones are told. */
import { planEpoch } from '../data/batches.js';
import type { Engine } from '../engines/engine.js';
import { plan } from '../trainer/train.js';
import { type Lesson, type LoopEvent, type LoopOptions, type Pace, trainingLoop } from '../trainer/training-loop.js';
import { fingerprintOf } from './fingerprint.js';
import { objectiveOf } from './objectives.js';
import { batchOptions, type Prepared } from './prepare.js';

/** On val, with the averaged weights, over all tokens that are to be told. */
export type Told = { readonly loss: number; readonly perplexity: number; readonly accuracy: number };
export type PretrainStep = LoopEvent<{ readonly told: Told }>;

export type PretrainOptions = Pick<LoopOptions<never>, 'folder' | 'from' | 'signal'> & {
  readonly prepared: Prepared;
  readonly engine: Engine;
};

export const pretrain = ({ prepared, engine, ...where }: PretrainOptions): AsyncGenerator<PretrainStep, void> =>
  trainingLoop({ engine, pace: paceOf(prepared), lesson: lessonOf(prepared, engine), ...where });

export const paceOf = ({ config: { training }, train }: Pick<Prepared, 'config' | 'train'>): Pace =>
  plan({ training: { ...training, metric: undefined, trainOnly: undefined, frozenDropout: true }, model: { kind: 'bert' } }, train.length);

function lessonOf(prepared: Prepared, engine: Engine): Lesson<{ readonly told: Told }> {
  const { config, model, train } = prepared;
  const { batchSize, bucketMultiplier, seed, accumulate } = config.training;
  const { stepsPerEpoch } = paceOf(prepared);
  const objective = objectiveOf(model.kind);
  const lengths = train.map(({ ids }) => ids.length);
  let pass: { readonly epoch: number; readonly batches: readonly (readonly number[])[] } | undefined;
  return {
    fingerprint: fingerprintOf(prepared),
    direction: -1,
    async update({ step, epoch }) {
      if (pass?.epoch !== epoch) pass = { epoch, batches: planEpoch({ lengths, batchSize, bucketMultiplier, seed, epoch }) };
      const rows = pass.batches[step % stepsPerEpoch]!;
      const size = Math.ceil(rows.length / accumulate);
      const parts = Array.from({ length: Math.ceil(rows.length / size) }, (_, part) => rows.slice(part * size, (part + 1) * size));
      return { rows, batches: parts.map((part) => objective.batch(train, part, batchOptions(prepared, epoch))) };
    },
    async evaluate() {
      const told = await tellVal(prepared, engine);
      return { value: told.loss, measured: { told } };
    },
  };
}

/** Val in batches of rows of like length, so that little is padding. */
async function tellVal(prepared: Prepared, engine: Engine): Promise<Told> {
  const { config, model, val } = prepared;
  const order = [...val.keys()].sort((a, b) => val[a]!.ids.length - val[b]!.ids.length);
  const size = config.training.batchSize;
  let [loss, accuracy, tokens] = [0, 0, 0];
  for (let at = 0; at < order.length; at += size) {
    const batch = objectiveOf(model.kind).batch(val, order.slice(at, at + size), batchOptions(prepared, -1));
    const [batchLoss, batchAccuracy] = await engine.evaluate(batch.tensors, 'average');
    loss += batch.texts * batchLoss!;
    accuracy += batch.texts * batchAccuracy!;
    tokens += batch.texts;
  }
  return { loss: loss / tokens, perplexity: Math.exp(loss / tokens), accuracy: accuracy / tokens };
}
