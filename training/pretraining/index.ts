/** @file Unlabelled texts to a language model. */
export { type PretrainConfig, parsePretrainConfig } from './config.js';
export { modelFolder, type PretrainEvent, type PretrainRunOptions, pretrainRun } from './pretrain-run.js';
