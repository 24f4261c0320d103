/** @file What must be the same for pre-training to be gone on with. */
import { type Difference, differenceOf, sha256Of } from '../trainer/fingerprint.js';
import type { PretrainConfig } from './config.js';
import type { Prepared } from './prepare.js';

/** sha256, in hex, of config and texts. A checkpoint holds it. */
export const fingerprintOf = ({ config, texts }: Pick<Prepared, 'config' | 'texts'>): string =>
  sha256Of([fixedPart(config), { texts: texts.fingerprint }]);

export const configDifference = (was: PretrainConfig, is: PretrainConfig): Difference | undefined =>
  differenceOf(fixedPart(was), fixedPart(is));

/** The config less what only says how, and from where, it is run. */
function fixedPart(config: PretrainConfig) {
  const { keep: _keep, checkpointEvery: _every, threads: _threads, ...training } = config.training;
  const { texts: _texts, heldOut: _heldOut, ...data } = config.data;
  const { pretrained, ...model } = config.model;
  return { ...config, data, model: { ...model, pretrained: pretrained !== undefined }, training };
}
