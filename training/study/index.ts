/** @file Around a run: repeated, compared, taken apart. */
export type { SplitBy } from '../data/split.js';
export { type AblationResult, ablationRuns } from './ablation-result.js';
export { answersOf } from './answers.js';
export { bootstrap, type Difference, type Interval, pairedBootstrap } from './bootstrap.js';
export { carryOut, type FailedRun, type PlannedRun, type StudyEvent } from './carry-out.js';
export { type Comparison, compare } from './comparison.js';
export type { Member } from './contender.js';
export { readFinishedRun, secondsPerText } from './finished-run.js';
export { planAblation } from './plan-ablation.js';
export { foldRules, planFolds, planSeeds } from './plan-study.js';
export { judgement, signed } from './sentence.js';
export type { StudyResult } from './study-result.js';
export { tricks } from './tricks.js';
export { studyFiles, writeAblation, writeStudy } from './write-results.js';
