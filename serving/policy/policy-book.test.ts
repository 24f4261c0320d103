import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toVerdict, type VerdictRules } from '../../models/index.js';
import { decide } from './decide.js';
import { openPolicy } from './open-policy.js';
import { parsePolicy } from './parse-policy.js';
import { fittedThresholdSchema, listSchema, policyFileSchema } from './policy-file.js';
import { readPolicyBook } from './read-policy-book.js';
import type { WordHit, WordList } from './word-lists.js';

const model: VerdictRules = {
  name: 'tiny',
  version: '1',
  labels: ['clickbait', 'hoax', 'news'],
  activation: 'softmax',
  temperature: 1,
  policy: { labels: { clickbait: { review: 0.4, block: 0.8 }, hoax: { review: 0.3, block: null } } },
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-policy-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function book(policy: object, files: Readonly<Record<string, string | Uint8Array>> = {}) {
  for (const [name, text] of Object.entries({ 'policy.json': JSON.stringify(policy), ...files })) await writeFile(join(folder, name), text);
  return readPolicyBook(join(folder, 'policy.json'));
}

const scores = (...values: number[]) => values.map(Math.log);
const verdict = toVerdict(model, scores(0.5, 0.1, 0.4));

describe('words and thresholds: the severest decides, and is named', () => {
  const hit = (action: WordList['action'], overrides: WordList['overrides'] = 'words'): WordHit => ({
    list: { name: action, action, overrides, language: '*', match: 'words', words: ['w'] },
    word: 'w',
  });
  const [block, review] = [{ block: hit('block') }, { review: hit('review') }];
  const byWord = (list: string) => ({ rule: { kind: 'word', list, word: 'w' }, threshold: null, decidedBy: null });
  const byLabel = (threshold: number) => ({ rule: { kind: 'threshold', label: 'bad', threshold }, threshold, decidedBy: 'bad' });
  const allowed = (threshold: number) => ({
    rule: { kind: 'allowed', list: 'allow', word: 'w', label: 'bad', threshold },
    threshold: null,
    decidedBy: null,
  });
  const none = { rule: { kind: 'none' }, threshold: 0.5, decidedBy: null };
  test.each([
    [0.2, {}, 'publish', none],
    [0.5, {}, 'review', byLabel(0.5)],
    [0.9, {}, 'block', byLabel(0.9)],
    [0.2, review, 'review', byWord('review')],
    [0.6, review, 'review', byWord('review')],
    [0.9, review, 'block', byLabel(0.9)],
    [0.2, block, 'block', byWord('block')],
    [0.9, block, 'block', byWord('block')],
    [0.2, { ...block, ...review }, 'block', byWord('block')],
    [0.6, { allow: hit('allow') }, 'review', byLabel(0.5)],
    [0.9, { allow: hit('allow') }, 'block', byLabel(0.9)],
    [0.6, { allow: hit('allow', 'review') }, 'publish', allowed(0.5)],
    [0.9, { allow: hit('allow', 'review') }, 'block', byLabel(0.9)],
    [0.9, { allow: hit('allow', 'block') }, 'publish', allowed(0.9)],
    [0.9, { ...block, allow: hit('allow', 'block') }, 'block', byWord('block')],
    [0.9, { ...review, allow: hit('allow', 'block') }, 'review', byWord('review')],
    [0.2, { allow: hit('allow', 'block') }, 'publish', none],
  ])('score %f, words %j: %s', (bad, hits, decision, why) => {
    expect(decide({ bad: { review: 0.5, block: 0.9 } }, { bad, good: 1 - bad }, hits)).toEqual({ decision, ...why });
  });
});

test('thresholds of the file are laid over those of the bundle, label by label, and NAME@VERSION goes before NAME', async () => {
  const policy = await book({
    thresholds: {
      tiny: { clickbait: { review: 0.6 }, news: { review: { precision: 0.9, at: 0.95 } } },
      'tiny@1': { clickbait: { block: null } },
      'tiny@2': { clickbait: { block: 0.1 } },
      other: { nothing: { review: 0 } },
    },
  });
  policy.check([model]);
  expect(policy.thresholds(model)).toEqual({
    clickbait: { review: 0.6, block: null },
    hoax: { review: 0.3, block: null },
    news: { review: 0.95, block: null },
  });
  expect(policy.judge(verdict, { model, texts: ['a'] })).toMatchObject({ label: 'clickbait', decision: 'publish', rule: { kind: 'none' } });
  expect(verdict.decision).toBe('review');
});

test('a client has the variant of its id; who is not named has the file itself', async () => {
  const policy = await book({
    name: 'newsroom',
    lists: { slurs: { action: 'block', words: ['slur'] }, names: { action: 'review', words: ['Ann'] } },
    use: ['slurs'],
    variants: {
      strict: { thresholds: { tiny: { clickbait: { block: 0.5 } } } },
      open: { use: ['names'], observe: true, thresholds: { tiny: { clickbait: { review: null } } } },
    },
    clients: { wire: 'strict', partner: 'open' },
  });
  const judge = (client: string | undefined, text: string) => policy.judge(verdict, { model, texts: [text], client });
  expect(policy.key).toMatch(/^newsroom@[0-9a-f]{12}$/);
  expect(judge(undefined, 'Ann')).toMatchObject({ decision: 'review', rule: { kind: 'threshold' }, policy: policy.key });
  expect(judge('constructor', 'Ann')).toEqual(judge(undefined, 'Ann'));
  expect(judge('wire', 'Ann')).toMatchObject({ decision: 'block', threshold: 0.5, policy: policy.key.replace('@', '/strict@') });
  expect(judge('wire', 'slur')).toMatchObject({ decision: 'block', rule: { kind: 'word', list: 'slurs', word: 'slur' } });
  expect(judge('partner', 'slur')).toMatchObject({ decision: 'publish', observed: 'publish' });
  expect(judge('partner', 'Ann')).toMatchObject({ decision: 'publish', observed: 'review', rule: { kind: 'word', list: 'names' } });
  expect(policy.thresholds(model, 'wire').clickbait).toEqual({ review: 0.4, block: 0.5 });
});

test('observing holds nothing, and says what would have been', async () => {
  const policy = await book({ observe: true, variants: { firm: { observe: false } }, clients: { wire: 'firm' } });
  const watched = policy.judge(verdict, { model, texts: ['a'] });
  expect(watched).toEqual({ ...verdict, decision: 'publish', observed: 'review', policy: policy.key });
  const firm = policy.judge(verdict, { model, texts: ['a'], client: 'wire' });
  expect(firm).toMatchObject({ decision: 'review' });
  expect(firm).not.toHaveProperty('observed');
});

test('values are held to thresholds of any size, and pairs searched in both texts', async () => {
  const values: VerdictRules = { ...model, labels: ['anger'], activation: 'none', policy: { labels: {} } };
  const policy = await book({
    thresholds: { tiny: { anger: { review: 3.5 } } },
    lists: { slurs: { action: 'block', words: ['slur'] } },
  });
  policy.check([values]);
  const judge = (value: number, ...texts: string[]) => policy.judge(toVerdict(values, [value]), { model: values, texts });
  expect(judge(3.4, 'a')).toMatchObject({ value: 3.4, decision: 'publish', threshold: 3.5 });
  expect(judge(3.5, 'a')).toMatchObject({ decision: 'review', rule: { kind: 'threshold', label: 'anger', threshold: 3.5 } });
  expect(judge(0, 'a', 'a slur')).toMatchObject({ decision: 'block', rule: { kind: 'word' } });
});

test('word lists come from files too: a word a line, remarks and empty lines left out', async () => {
  const policy = await book(
    { lists: { slurs: { action: 'block', file: 'slurs.txt' } } },
    { 'slurs.txt': '\ufeffone\r\n# a remark\n\n  #tag  \n#\ntwo words\n' },
  );
  expect(policy.lists[0]!.words).toEqual(['one', '#tag', 'two words']);
});

test('the version of a book changes with its words', async () => {
  const file = { lists: { slurs: { action: 'block', file: 'slurs.txt' } } };
  const [one, two] = [await book(file, { 'slurs.txt': 'one' }), await book(file, { 'slurs.txt': 'two' })];
  expect(one.key).not.toBe(two.key);
  expect((await book(file, { 'slurs.txt': 'one' })).key).toBe(one.key);
});

describe('a file that is wrong is refused, by key and nearest name', () => {
  test.each([
    ['{', /not JSON: .*Fix: correct it at that place/],
    ['[]', /not a JSON object\. Fix: start from examples\/policy\.json/],
    [{ treshold: {} }, /unknown key treshold\. Fix: did you mean thresholds\?/],
    [{ lists: { a: { action: 'block', wrods: [] } } }, /unknown key lists\.a\.wrods\. Fix: did you mean lists\.a\.words\?/],
    [{ lists: { a: { action: 'blok', words: [] } } }, /lists\.a\.action is "blok": expected one of "block"/],
    [{ lists: { a: { action: 'block' } } }, /lists\.a: expected either words or file/],
    [{ lists: { a: { action: 'block', words: [], overrides: 'block' } } }, /lists\.a: overrides is for lists whose action is allow/],
    [
      { lists: { a: { action: 'block', words: [], language: 'English' } } },
      /lists\.a\.language is "English": expected a language such as en/,
    ],
    [{ lists: { a: { action: 'block', words: [], language: ['en', 5] } } }, /lists\.a\.language\.1 is 5: expected string/],
    [{ lists: { 'a b': { action: 'block', words: [] } } }, /lists\.a b.*expected letters, digits/],
    [{ thresholds: { m: { l: { reveiw: 0.5 } } } }, /unknown key thresholds\.m\.l\.reveiw\. Fix: did you mean thresholds\.m\.l\.review\?/],
    [{ thresholds: { m: { l: { review: '0.5' } } } }, /thresholds\.m\.l\.review is "0\.5": expected a number, null/],
    [
      { thresholds: { m: { l: { review: { precison: 0.9 } } } } },
      /unknown key thresholds\.m\.l\.review\.precison\. Fix: did you mean .*precision\?/,
    ],
    [{ thresholds: { m: { l: { review: { precision: 95 } } } } }, /thresholds\.m\.l\.review\.precision is 95: .*<=1/],
    [{ thresholds: { m: { l: { review: { precision: 0.9, recall: 0.9 } } } } }, /review: expected one of precision and recall/],
    [{ use: ['slur'], lists: { slurs: { action: 'block', words: [] } } }, /use: there is no list "slur"\. Fix: did you mean "slurs"\?/],
    [{ clients: { wire: 'strict' } }, /clients\.wire: there is no variant "strict"\. Fix: leave it out/],
    [{ variants: { strict: { use: ['x'] } } }, /variants\.strict\.use: there is no list "x"/],
  ])('%j', (policy, message) => {
    expect(() => parsePolicy(typeof policy === 'string' ? policy : JSON.stringify(policy), 'policy.json')).toThrow(message);
  });

  test.each([
    [
      { thresholds: { tiny: { clikbait: { review: 0.5 } } } },
      /thresholds\.tiny: there is no label of tiny@1 "clikbait"\. Fix: did you mean "clickbait"/,
    ],
    [{ variants: { v: { thresholds: { tiny: { hoax: { block: 2 } } } } } }, /variants\.v\.thresholds\.tiny\.hoax\.block is 2; .* 0 to 1/],
    [
      { thresholds: { tiny: { hoax: { block: { recall: 0.9 } } } } },
      /asks for a recall of 0\.9 and has no number yet\. Fix: fit it with copydesk policy fit/,
    ],
    [{ attributes: { TOXICITY: 'hoaks' } }, /attributes\.TOXICITY: there is no label "hoaks"\. Fix: did you mean "hoax"/],
  ])('with a model: %j', async (policy, message) => {
    const made = await book(policy);
    expect(() => made.check([model])).toThrow(message);
  });

  test('word lists that cannot be read say which and why', async () => {
    const lists = { lists: { slurs: { action: 'block', file: 'slurs.txt' } } };
    await expect(book(lists)).rejects.toThrow(/lists\.slurs\.file: .*slurs\.txt does not exist/);
    await expect(book(lists, { 'slurs.txt': Uint8Array.of(0x61, 0xff) })).rejects.toThrow(/slurs\.txt is not UTF-8/);
    await expect(book({ lists: { slurs: { action: 'block', file: '.' } } })).rejects.toThrow(/is not a file/);
    await expect(readPolicyBook(join(folder, 'none.json'))).rejects.toThrow(/none\.json does not exist/);
  });
});

test('a policy read again takes the place of the old one, unless it cannot be used', async () => {
  const path = join(folder, 'policy.json');
  const { key } = await book({ name: 'first' });
  const live = await openPolicy(path, () => [model]);
  expect(live.current()!.key).toBe(key);
  await writeFile(path, JSON.stringify({ thresholds: { tiny: { nothing: {} } } }));
  await expect(live.reload()).rejects.toThrow(/no label of tiny@1 "nothing"/);
  expect(live.current()!.key).toBe(key);
  await writeFile(path, JSON.stringify({ name: 'second' }));
  await live.reload();
  expect(live.current()!.key).toMatch(/^second@/);
  expect((await openPolicy(undefined, () => [model])).current()).toBeUndefined();
});

test('docs/policy.md has every key', async () => {
  const page = await readFile('docs/policy.md', 'utf8');
  for (const { shape } of [policyFileSchema, listSchema, fittedThresholdSchema])
    for (const key of Object.keys(shape)) expect(page).toMatch(new RegExp(`^\\| \`([a-zA-Z.…]*\\.)?${key}\``, 'm'));
});
