/** @file Labelled texts to weights, and how good they are. */
export { nearest } from './data/nearest.js';
export { type RawExample, readExamples } from './data/read-examples.js';
export { type Line, linesFrom, readLines } from './data/read-lines.js';
export { type Row, readRows } from './data/read-rows.js';
export { computeMetrics, type Metrics } from './metrics/metrics.js';
