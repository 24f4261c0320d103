/** @file A line of a file of JSON lines. */

/** Ends of lines by Unicode that JSON leaves as they are: Python's `splitlines` and Node's `readline` would cut a text there. */
const unicodeEnds = /[\u0085\u2028\u2029]/g;

/** Without its end. Characters that some readers take for the end of a line are escaped. */
export const jsonLine = (value: object): string =>
  JSON.stringify(value).replace(unicodeEnds, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`);
