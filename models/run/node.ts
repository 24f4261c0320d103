/** @file Runs on disk: the Node-only door of this folder. */
export { isRun, type OpenRun, readRun } from './read-run.js';
export { type RunContents, writeRun } from './write-run.js';
