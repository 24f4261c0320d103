import { expect, test } from 'vitest';
import { jsonLine } from './json-line.js';

// Every end of line of Unicode Standard Annex 14, and what Python's str.splitlines adds.
const ends = ['\n', '\r', '\v', '\f', '\u001c', '\u001d', '\u001e', '\u0085', '\u2028', '\u2029'];

test('one line to whoever reads it, and the same text', () => {
  const row = { text: `The harbour wall${ends.join('is')}“fine” 港 \ud83d\ude00 \\u2028`, label: 'a\u0085b', 'key\u2028': [1, null] };
  const line = jsonLine(row);
  for (const end of ends) expect(line).not.toContain(end);
  expect(JSON.parse(line)).toEqual(row);
});

test('what needs nothing is plain JSON', () => {
  expect(jsonLine({ text: 'é 港' })).toBe('{"text":"é 港"}');
});
