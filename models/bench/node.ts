/** @file How a speed is measured and told, the same in every benchmark. Node only. */
export { type Comparison, compare, fewestRuns, type Measured, sentenceOf } from './comparison.js';
export { type Contestant, interleaved, type Timed } from './interleaved.js';
export { type Machine, machine, machineLine } from './machine.js';
export { median, quantile, quartiles, range } from './statistics.js';
