import { expect, test } from 'vitest';
import { type AuditSplit, auditDataOf } from './records.js';
import { scriptOf } from './scripts.js';
import { madeUp } from './testing/made-up.js';
import { hasMarkup, isDamaged, textShape } from './text-shape.js';

const found = (split: AuditSplit) => textShape(auditDataOf([split])).findings.map(({ kind, level, count }) => `${level} ${kind} ${count}`);
const some = (of: number, change: (text: string) => string) =>
  madeUp(200, { change: (record, i) => (i < of ? { ...record, text: change(record.text) } : record) });

test('clean texts: no finding; lengths by label', () => {
  const { words, byLabel, mainScript, scripts, findings } = textShape(auditDataOf([madeUp(200)]));
  expect(findings).toEqual([]);
  expect([words.min, words.max]).toEqual([8, 14]);
  expect(Object.keys(byLabel)).toEqual(['bad', 'good']);
  expect(byLabel.good!.histogram.reduce((a, b) => a + b)).toBe(100);
  expect([mainScript, scripts.train]).toEqual(['Latin', { Latin: 200 }]);
});

test.each([
  ['almost-empty', (text: string) => `@someone ${text.slice(0, 0)} https://a.example !!`],
  ['other-script', () => '明天下午三点在会议室开会'],
  ['markup', (text: string) => `${text} &amp; more`],
])('%s: a note for a few, a warning for many', (kind, change) => {
  expect(found(some(1, change))).toEqual([`info ${kind} 1`]);
  expect(found(some(10, change))).toEqual([`warning ${kind} 10`]);
});

test('encoding damage is a warning from one in a thousand on', () => {
  expect(found(some(1, (text) => `${text} donâ€™t`))).toEqual(['warning encoding-damage 1']);
});

test.each(['CafÃ© im Ort', 'itâ€™s here', 'a \ufffd b', 'x\u0092s', '\ufeffstart', 'half \ud83d smile', 'Ð¿Ñ€ÐµÑ‚', 'Â£5'])(
  'damaged: %j',
  (text) => {
    expect(isDamaged(text)).toBe(true);
  },
);

test.each(['Café im Ort', 'it’s here – “so”', 'ÉTÉ À ÂGE', 'São João', '你好，世界', 'ПРИВЕТ', '😂 ok', 'tab\tand\nline', 'Ãrea Â'])(
  'not damaged: %j',
  (text) => {
    expect(isDamaged(text)).toBe(false);
  },
);

test('markup is entities and tags, not what only looks like them', () => {
  for (const text of ['a &amp; b', '&#8217;s', '&#x27;', 'one<br>two', '</p>']) expect(hasMarkup(text)).toBe(true);
  for (const text of ['a & b; c', 'R&D; yes', '3 < 4 and 5 > 2', '<3 love', 'I <own> it']) expect(hasMarkup(text)).toBe(false);
});

test('a text far longer than the others is noted', () => {
  expect(found(some(2, (text) => text.repeat(40)))).toEqual(['info very-long 2']);
});

test.each([
  ['Hello', 'Latin'],
  ['Grüße', 'Latin'],
  ['Привет, hi', 'Cyrillic'],
  ['微博热搜 ok', 'Han'],
  ['こんにちは世界', 'Kana'],
  ['مرحبا', 'Arabic'],
  ['123 …', 'none'],
  ['ᏣᎳᎩ', 'other'],
])('script of %s is %s', (text, script) => {
  expect(scriptOf(text)).toBe(script);
});
