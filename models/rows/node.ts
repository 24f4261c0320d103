/** @file Rows of text files, streamed: the Node-only door of this folder. */
export { jsonLine } from './json-line.js';
export { jsonRows, jsonRowsFrom, parseJsonRow } from './json-rows.js';
export { invalid, linesFrom, mustExist, type ReadLimits, readLines, scanLines, scanLinesFrom } from './read-lines.js';
export { type BadLine, isBad, type Line, type Row, strict } from './row.js';
export { separatedRows, separatedRowsFrom } from './separated-rows.js';
