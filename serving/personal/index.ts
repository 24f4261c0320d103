/** @file A person's corrections, learnt where they are made. Safe in a browser. */
export { type Correction, toTrainingFile } from './correction.js';
export type { LearnOptions, LearnProgress, Learnt } from './learn.js';
export { createPersonalHead, type PersonalHead, type PersonalManifest, type PersonalParts, type TeachOptions } from './personal-head.js';
