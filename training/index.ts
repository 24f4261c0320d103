/** @file Labelled texts to weights, and how good they are. */
export { type RawExample, readExamples } from './data/read-examples.js';
export { type Line, linesFrom, readLines } from './data/read-lines.js';
export { type Row, readRows } from './data/read-rows.js';
export { computeMetrics, type Metrics } from './metrics/metrics.js';
export { metricDirections, type TrainConfig } from './trainer/config.js';
export { holdOf } from './trainer/finish-run.js';
export { parseConfig } from './trainer/parse-config.js';
export { readPretrained } from './trainer/pretrained.js';
export { type RunEvent, type RunOptions, trainRun } from './trainer/train-run.js';
