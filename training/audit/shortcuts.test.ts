import { expect, test } from 'vitest';
import { learnableOf } from './learnable.js';
import { fitRule, measureRule } from './one-rule.js';
import { type AuditSplit, auditDataOf } from './records.js';
import { findShortcuts } from './shortcuts.js';
import { type MadeUpOptions, madeUp } from './testing/made-up.js';
import { associatedTokens, countTokens, sayToken } from './token-counts.js';

const splits = (change?: MadeUpOptions['change'], labels: readonly string[] = ['good', 'bad']): AuditSplit[] => [
  madeUp(400, { labels, ...(change ? { change } : {}) }),
  madeUp(120, { labels, name: 'val', seed: 2, ...(change ? { change } : {}) }),
];
const shortcutsOf = (given: readonly AuditSplit[]) => {
  const data = auditDataOf(given);
  return findShortcuts(data, learnableOf(data, 1), { mainScript: 'Latin' });
};
const isGood = ({ labels }: { readonly labels?: readonly string[] }) => labels![0] === 'good';

test('a clean set has no finding, and its figures stand beside the yardsticks', async () => {
  const { findings, rules, tfIdf, majority, measuredOn } = await shortcutsOf(splits());
  expect(findings).toEqual([]);
  expect(measuredOn).toBe('val');
  expect(majority!.accuracy).toBeCloseTo(0.5, 2);
  expect(tfIdf!.accuracy).toBeGreaterThan(0.7);
  expect(rules[0]!.macroF1).toBeLessThan(tfIdf!.macroF1);
});

test('capitals that give the label away are an error, said as a rule', async () => {
  const capitals = splits((record) =>
    isGood(record) ? { ...record, text: record.text.replace(/(^| )\w/g, (start) => start.toUpperCase()) } : record,
  );
  const { findings, rules } = await shortcutsOf(capitals);
  expect(findings.map(({ kind, level }) => `${level} ${kind}`)).toEqual(['error feature-predicts-label']);
  expect(rules[0]).toMatchObject({ feature: expect.stringMatching(/capital/), above: 'good', below: 'bad', accuracy: 1 });
  expect(findings[0]!.message).toMatch(
    /“good” if (words that start with a capital|capital letters among letters): above 0\.\d{3}, else “bad”/,
  );
});

test.each([
  ['a link', (text: string) => text.replace(' ', ' https://a.example '), /link|http|:|\//],
  ['a final sign', (text: string) => text.replace(/\.$/, '!'), /exclamation|full stop|!|\./],
  ['length', (text: string) => `${text} ${text}`, /words|characters/],
])('%s that most texts of one label have is found', async (_what, change, rule) => {
  const { findings, rules } = await shortcutsOf(
    splits((record, i) => (isGood(record) && i % 10 !== 0 ? { ...record, text: change(record.text) } : record)),
  );
  expect(findings.map(({ kind }) => kind)).toContain('feature-predicts-label');
  expect(rules[0]!.feature).toMatch(rule);
});

test('a word that only one label has: an error, a warning or a note by how many of its texts have it', async () => {
  const every = (n: number) => splits((record, i) => (isGood(record) && i % n === 0 ? { ...record, text: record.text.replace('.', ' xenon.') } : record)); // biome-ignore format: short
  const found = async (n: number) => (await shortcutsOf(every(n))).findings.filter(({ kind }) => kind === 'token-predicts-label');
  expect((await found(2))[0]).toMatchObject({ level: 'error', message: expect.stringContaining('“xenon”') });
  expect((await found(8))[0]).toMatchObject({ level: 'warning' });
  expect((await found(24))[0]).toMatchObject({ level: 'info' });
  expect(await found(300)).toEqual([]);
});

test('words of few texts do not flood: none of many that have one label by chance is listed', () => {
  const data = auditDataOf([madeUp(400, { change: (record, i) => ({ ...record, text: `${record.text} w${Math.floor(i / 8)}x${i % 2 === 0 ? 'a' : 'b'}` }) })]); // biome-ignore format: short
  const counts = countTokens(data.records, data.labels, 0.01);
  expect(counts.tokens.length).toBeGreaterThan(100);
  expect(associatedTokens(counts, data.labels, { precision: 0.95, chance: 0.01 })).toEqual([]);
});

test('several labels a text: words are looked at, rules are not', async () => {
  const several = splits((record) => ({ ...record, labels: isGood(record) ? ['a'] : ['a', 'b'], text: isGood(record) ? record.text : `xenon ${record.text}` })); // biome-ignore format: short
  const { measuredOn, rules, tokens } = await shortcutsOf(several);
  expect({ measuredOn, rules }).toEqual({ measuredOn: null, rules: [] });
  expect(tokens.map(({ token, label }) => `${token} ${label}`)).toContain('xenon b');
});

test('a rule: the threshold between the values, measured on others; none where all are alike', () => {
  expect(fitRule([1, 2, 3, 4], [0, 0, 1, 1], 2)).toEqual({ threshold: 2.5, below: 0, above: 1 });
  expect(fitRule([5, 5, 5], [0, 1, 0], 2)).toBeUndefined();
  expect(measureRule({ threshold: 2.5, below: 0, above: 1 }, [0, 9, 9, 0], [0, 1, 1, 1], 2)).toMatchObject({
    accuracy: 0.75,
    macroF1: (2 / 3 + 4 / 5) / 2,
  });
});

test('what cannot be seen is said by its code', () => {
  expect(sayToken('\u200b$')).toBe('U+200B$');
  expect(sayToken('word')).toBe('word');
});
