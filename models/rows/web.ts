/** @file What of the rows of files a browser needs too. */
export { delimiterOf } from './delimiter.js';
export { jsonLine } from './json-line.js';
