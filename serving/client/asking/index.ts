/** @file What the client of a server and the model in the page share. Loads nothing of `models/`: types only. */
export * from './classifier.js';
export * from './classify-with.js';
export * from './copydesk-error.js';
export * from './group-calls.js';
export * from './limited.js';
