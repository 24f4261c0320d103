/** @file What must be the same for a run to be gone on with. */
import { createHash } from 'node:crypto';
import { type TrainConfig, withRate } from './config.js';
import type { Prepared } from './prepare.js';

/** sha256, in hex, of config, data and teacher. A checkpoint holds it. */
export const fingerprintOf = ({ config, dataset, teacher }: Pick<Prepared, 'config' | 'dataset' | 'teacher'>): string =>
  sha256Of([fixedPart(config), dataset.fingerprint, ...(teacher ? [{ teacher: teacher.fingerprint }] : [])]);

/** In hex, of keys and values in whatever order they are written. */
export const sha256Of = (parts: readonly object[]): string =>
  createHash('sha256')
    .update(JSON.stringify(parts.map((part) => [...leaves(part)].sort())))
    .digest('hex');

/** The first key that must be the same in two configs and is not, with both values; `undefined` where there is none.
 *  @param is a rate that it leaves open is not compared */
export function firstDifference(was: TrainConfig, is: TrainConfig): Difference | undefined {
  const { learningRate } = was.training;
  return differenceOf(fixedPart(was), fixedPart(learningRate === undefined ? is : withRate(is, learningRate)));
}

export type Difference = { readonly key: string; readonly was: string; readonly is: string };

export function differenceOf(a: object, b: object): Difference | undefined {
  const [was, is] = [leaves(a), leaves(b)];
  const key = [...was.keys(), ...is.keys()].find((one) => was.get(one) !== is.get(one));
  return key === undefined ? undefined : { key, was: was.get(key) ?? 'not set', is: is.get(key) ?? 'not set' };
}

/** The config less what only says how, and from where, it is run. */
function fixedPart(config: TrainConfig) {
  const { keep: _keep, checkpointEvery: _every, threads: _threads, ...training } = config.training;
  const { train: _train, val: _val, test: _test, unlabelled: _unlabelled, ...data } = config.data;
  const { pretrained, ...model } = config.model;
  const { distillation, ...objective } = config.objective;
  const taught = distillation && { ...distillation, teacher: true }; // which one it is, a checkpoint knows by its weights
  return {
    ...config,
    data,
    model: { ...model, pretrained: pretrained !== undefined },
    objective: { ...objective, distillation: taught },
    training,
  };
}

/** JSON by dotted key; a list is one value. */
function leaves(value: object, path: readonly string[] = []): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(value).flatMap(([key, inner]): (readonly [string, string])[] =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? [...leaves(inner, [...path, key])]
        : inner === undefined
          ? []
          : [[[...path, key].join('.'), JSON.stringify(inner)]],
    ),
  );
}
