/** @file Why a text got its scores, by the words of it. Safe in a browser; knows no model, only a function that asks one. */
export * from './explainer.js';
export * from './integrated-gradients.js';
export * from './occlusion.js';
export * from './part-read.js';
export * from './split-words.js';
export * from './without-span.js';
