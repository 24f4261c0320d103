import { expect, test } from 'vitest';
import type { AuditRecord } from './records.js';
import { surfaceFeatures } from './surface-features.js';

const featureOf = (name: string, record: Partial<AuditRecord> & { text: string }): number =>
  surfaceFeatures([{ line: 1, split: 'train', ...record }], 'Latin')
    .find((feature) => feature.name === name)!
    .of({ line: 1, split: 'train', ...record });

test.each([
  ['words that start with a capital', 'Ten Ways to Win', 0.75],
  ['capital letters among letters', 'ABcd', 0.5],
  ['digits among characters', 'a1b2', 0.5],
  ['punctuation among characters', 'a, b', 0.25],
  ['exclamation marks', 'No!! Really！', 3],
  ['words', 'It’s two-fold, see?', 3],
  ['starts with a digit', '10 ways', 1],
  ['starts with a lower-case letter', 'ways', 1],
  ['ends with a full stop', '好。 ', 1],
  ['ends with an ellipsis', 'so...', 1],
  ['ends with an ellipsis', 'so.', 0],
  ['has a link', 'see https://a.example', 1],
  ['has a handle', 'by @desk', 1],
  ['has a handle', 'desk@paper.example', 0],
  ['has a hashtag', 'go #now', 1],
  ['has a hashtag', '&#8217;', 0],
  ['has an emoji', 'ha 😂', 1],
  ['has an emoji', 'call 555 #1', 0],
  ['has double quotes', '“so”', 1],
  ['has brackets', '【news】', 1],
  ['is in another script than Latin', '你好', 1],
  ['is in another script than Latin', '123', 0],
])('%s of %j is %d', (name, text, value) => {
  expect(featureOf(name, { text })).toBe(value);
});

test('pairs and times bring features of their own, and only they', () => {
  const names = (record: Partial<AuditRecord>) =>
    surfaceFeatures([{ text: 'a', line: 1, split: 'train', ...record }], 'Latin').map(({ name }) => name);
  expect(names({})).not.toContain('likeness of the two texts');
  expect(names({ pair: 'b' })).toEqual(expect.arrayContaining(['likeness of the two texts', 'difference in length of the two texts']));
  expect(names({ time: 5 })).toContain('time');
  expect(featureOf('likeness of the two texts', { text: 'the same words', pair: 'The same words!' })).toBe(1);
});
