/** @file Labelled texts to weights, and how good they are. */
export * from './audit/index.js';
export { type Interval, wilson } from './audit/statistics.js';
export { type LikeOptions, type Tally, writeLike } from './augmentation/language-model.js';
export { openWriter } from './augmentation/open-writer.js';
export { differentiate } from './autodiff/differentiate.js';
export { fingerprint as dataFingerprint } from './data/dataset.js';
export type { Task } from './data/example.js';
export { type Fields, fieldsSchema } from './data/fields.js';
export { createRandom, type Random } from './data/random.js';
export { type RawExample, readExamples } from './data/read-examples.js';
export { type Row, readRows, scanRows } from './data/read-rows.js';
export { chooseDevice, type Device, devices } from './engines/devices.js';
export { tfjsFolder, tfjsPackages } from './engines/load-tfjs.js';
export { probeTensorflow, type TensorflowProbe } from './engines/tensorflow/probe-tensorflow.js';
export { binaryCrossEntropy } from './losses/binary-cross-entropy.js';
export { crossEntropy } from './losses/cross-entropy.js';
export { distillation } from './losses/distillation.js';
export { meanSquaredError } from './losses/mean-squared-error.js';
export { activationOf, taskOf } from './metrics/activation-of.js';
export { fitRules } from './metrics/fit-rules.js';
export { fitThreshold, type HeldCounts, type ThresholdFit, type ThresholdWish } from './metrics/fit-threshold.js';
export { toJsonLines } from './metrics/hard-examples.js';
export { chooseHold } from './metrics/hold.js';
export {
  comparedFigures,
  type Figures,
  type MetricName,
  metricDirections,
  metricsOfTask,
  metricTitles,
  metricValue,
} from './metrics/metric-names.js';
export { computeMetrics, type Metrics, type MetricsByTask } from './metrics/metrics.js';
export { adamW } from './optimizers/adam-w.js';
export * from './pretraining/index.js';
export * from './study/index.js';
export type { TrainConfig } from './trainer/config.js';
export { holdOf } from './trainer/finish-run.js';
export { hubConfigSchema } from './trainer/hub-config.js';
export { parseConfig } from './trainer/parse-config.js';
export { readPretrained } from './trainer/pretrained.js';
export { type RunEvent, type RunOptions, trainRun } from './trainer/train-run.js';
