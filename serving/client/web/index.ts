/** @file `copydesk/web`: runs a bundle in the page. */
export { type Correction, type LearnProgress, type Learnt, toTrainingFile } from '../../personal/index.js';
export type { Answer, Classifier, ClassifyOptions, Item, ModelDescription, ProblemCode, Runs } from '../asking/index.js';
export { CopydeskError } from '../asking/index.js';
export { createClassifier, type TeachOptions, type WebClassifier } from './create-classifier.js';
export { forgetBundles } from './forget-bundles.js';
export type { Measurement } from './measured.js';
export type { Precision, Progress } from './messages.js';
export type { WebOptions } from './web-options.js';
