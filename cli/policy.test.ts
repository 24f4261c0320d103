import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copydesk } from '../test/copydesk.js';
import { tinyTexts, writeTinyRun } from '../test/tiny-run.js';

const model = 'models/zoo/headlines-en';
const data = 'examples/headlines.val.jsonl';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-policy-'));
});
afterAll(() => rm(home, { recursive: true }));

const at = (name: string) => join(home, name);

async function write(name: string, content: object | string): Promise<string> {
  await writeFile(at(name), typeof content === 'string' ? content : JSON.stringify(content));
  return at(name);
}

const thresholds = (review: unknown, block: unknown) => ({ thresholds: { 'headlines-en': { clickbait: { review, block } } } });

async function run(...args: readonly string[]) {
  const said = await copydesk(['policy', ...args]);
  expect(said, said.stderr).toMatchObject({ code: 0 });
  return said;
}
const lines = (text: string) => text.trim().split('\n').map((line) => JSON.parse(line)); // biome-ignore format: one line

describe('try: what would change, before it changes', () => {
  test('each text that moves is counted by decisions, by the rule and by its label, and written', async () => {
    const policy = await write('words.json', {
      name: 'newsroom',
      ...thresholds(null, null),
      lists: { bread: { action: 'block', words: ['avalanche'] }, names: { action: 'review', language: 'en', words: ['census'] } },
    });
    const { stdout } = await run('try', policy, '--model', model, '--data', data, '--out', at('moved.jsonl'), '--json');
    const dry = JSON.parse(stdout);
    expect(dry.after.name).toMatch(/^newsroom@/);
    expect(dry.before.decisions).toEqual({ publish: expect.any(Number), review: 0, block: expect.any(Number) });
    const blocked = dry.before.decisions.block;
    expect(dry.after.decisions).toEqual({ publish: 98, review: 1, block: 1 });
    expect(dry.byRule).toEqual([
      { from: 'block', to: 'publish', by: expect.stringMatching(/^no longer clickbait from 0/), count: blocked },
      { from: 'publish', to: 'block', by: 'list bread', count: 1 },
      { from: 'publish', to: 'review', by: 'list names', count: 1 },
    ]);
    expect(dry.byLabel.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(dry.moved);
    expect(dry.moved).toBe(blocked + 2);
    const moved = lines(await readFile(at('moved.jsonl'), 'utf8'));
    expect(moved).toHaveLength(dry.moved);
    expect(moved.find(({ text }) => text === 'Avalanche Kills Two Skiers, Third Critical')).toEqual({
      text: 'Avalanche Kills Two Skiers, Third Critical',
      label: 'news',
      before: { decision: 'publish', rule: { kind: 'none' } },
      after: { decision: 'block', rule: { kind: 'word', list: 'bread', word: 'avalanche' } },
    });
  });

  test('with labels, how much is held rightly is what the decisions come to', async () => {
    const policy = await write('all.json', thresholds(0, null));
    const { before, after } = JSON.parse((await run('try', policy, '--model', model, '--data', data, '--json')).stdout);
    expect(after.decisions).toEqual({ publish: 0, review: 100, block: 0 });
    expect(after.quality).toEqual({ held: { precision: 0.5, recall: 1 }, blocked: { precision: null, recall: 0 } });
    expect(before.quality.blocked.precision).toBeGreaterThan(0.9);
  });

  test('against itself nothing moves; a variant moves what its client sends, which rows may say', async () => {
    const policy = await write('variants.json', {
      ...thresholds(1, 1),
      variants: { firm: thresholds(0, 1) },
      clients: { wire: 'firm' },
    });
    const rows = tinyTexts.map((text, i) => ({ text, ...(i < 2 ? { client: 'wire' } : {}) }));
    const texts = await write('rows.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
    const common = ['--model', model, '--data', texts, '--json'];
    const same = JSON.parse((await run('try', policy, '--against', policy, ...common)).stdout);
    expect(same).toMatchObject({ moved: 0, labelled: false, after: { decisions: { review: 2 } } });
    expect(same.after).not.toHaveProperty('quality');
    const all = JSON.parse((await run('try', policy, '--against', policy, '--client', 'wire', ...common)).stdout);
    expect(all.after.decisions.review).toBe(tinyTexts.length);
  });

  test('a policy that only observes is shown as if it did not, and says so', async () => {
    const policy = await write('observe.json', { observe: true, ...thresholds(0, 0) });
    const { stdout, stderr } = await run('try', policy, '--model', model, '--data', data);
    expect(stderr).toContain('only observes');
    expect(stdout).toMatch(/^publish +\d+ +0 +-\d+$/m);
    expect(stdout).toMatch(/^clickbait from 0 +publish -> block +\d+$/m);
  });

  test('several labels, values and pairs', async () => {
    const pair = { text: { maxTokens: 40, input: 'pair' as const, pairs: 'both-orders' as const } };
    await writeTinyRun(at('several'), { activation: 'sigmoid', policy: { labels: {} }, ...pair });
    await writeTinyRun(at('values'), { activation: 'none', labels: ['anger', 'joy'], policy: { labels: {} } });
    const policy = await write('tiny.json', {
      thresholds: { tiny: { anger: { review: -100, block: 100 } } },
      lists: { soups: { action: 'block', words: ['soup'] } },
    });
    const texts = await write('texts.jsonl', tinyTexts.map((text) => JSON.stringify({ text })).join('\n'));
    const values = JSON.parse((await run('try', policy, '--model', at('values'), '--data', texts, '--json')).stdout);
    expect(values.after.decisions).toEqual({ publish: 0, review: tinyTexts.length - 1, block: 1 });
    expect(values.byLabel).toEqual([]);
    const rows = tinyTexts.map((text) => JSON.stringify({ text, pair: 'no soup', labels: ['news'] }));
    const pairs = await write('pairs.jsonl', rows.join('\n'));
    await write('tiny.json', { lists: { soups: { action: 'block', words: ['soup'] } } });
    const several = JSON.parse((await run('try', policy, '--model', at('several'), '--data', pairs, '--json')).stdout);
    expect(several).toMatchObject({ labelled: true, after: { decisions: { block: tinyTexts.length } }, byLabel: [{ label: 'news' }] });
  });
});

describe('fit: a wished-for precision or recall becomes a number, with its evidence', () => {
  test('the numbers hold on the texts they were fitted on, and the server takes the file', async () => {
    await mkdir(at('lists'), { recursive: true });
    await write('lists/words.txt', 'soup\n');
    const wishes = {
      ...thresholds({ recall: 0.98 }, { precision: 0.99, support: 30 }),
      variants: { firm: thresholds(0.1, { precision: 0.9 }) },
      lists: { soups: { action: 'review', file: 'lists/words.txt' } },
    };
    const policy = await write('wishes.json', wishes);
    expect(await copydesk(['policy', 'check', policy, '--model', model])).toMatchObject({ code: 2, stderr: expect.stringContaining('has no number yet') }); // biome-ignore format: one line
    await mkdir(at('fitted'), { recursive: true });
    const fit = await run('fit', policy, '--model', model, '--data', data, '--to', at('fitted/policy.json'));
    expect(fit.stdout).toContain('variants.firm.thresholds.headlines-en.clickbait.block: 0.');
    const written = JSON.parse(await readFile(at('fitted/policy.json'), 'utf8'));
    const { review, block } = written.thresholds['headlines-en'].clickbait;
    expect(review).toMatchObject({ recall: 0.98, fitted: { texts: 100, positives: 50, data: expect.stringMatching(/sha256:/) } });
    expect(review.fitted.recall).toBeGreaterThanOrEqual(0.98);
    expect(block.fitted.precision).toBeGreaterThanOrEqual(0.99);
    expect(block.fitted.held).toBeGreaterThanOrEqual(30);
    expect(block.fitted.interval[0]).toBeLessThan(block.fitted.precision);
    expect(written.lists.soups.file).toBe('../lists/words.txt');
    expect(await run('check', at('fitted/policy.json'), '--model', model)).toMatchObject({ stdout: expect.stringMatching(/\nok policy@/) });
    const dry = JSON.parse((await run('try', at('fitted/policy.json'), '--model', model, '--data', data, '--json')).stdout);
    expect(dry.after.quality.held.recall).toBeGreaterThanOrEqual(0.98);
    expect(dry.after.decisions.block).toBe(block.fitted.held);
  });

  test('values: what is too high is said by "truth"', async () => {
    await writeTinyRun(at('one-value'), { activation: 'none', labels: ['anger', 'joy'], policy: { labels: {} } });
    const rows = tinyTexts.map((text, i) => JSON.stringify({ text, value: [i, 0] }));
    const texts = await write('values.jsonl', rows.join('\n'));
    const policy = await write('value-wish.json', { thresholds: { tiny: { anger: { review: { recall: 1, truth: 4 } } } } });
    await run('fit', policy, '--model', at('one-value'), '--data', texts, '--to', at('value-fitted.json'));
    const { at: number, fitted } = JSON.parse(await readFile(at('value-fitted.json'), 'utf8')).thresholds.tiny.anger.review;
    expect(Number.isFinite(number)).toBe(true);
    expect(fitted).toMatchObject({ positives: 3, right: 3, recall: 1 });
    await write('value-wish.json', { thresholds: { tiny: { anger: { review: { recall: 1 } } } } });
    const without = await copydesk(['policy', 'fit', policy, '--model', at('one-value'), '--data', texts, '--to', at('no.json')]);
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('nothing says which are too high') });
  });

  test.each([
    [
      thresholds(null, { precision: 1, support: 80 }),
      1,
      /asks for a precision of 1 over 80 texts: the highest is 0\.\d+ \(\d+ of \d+ texts, from 0\.\d+ on\)/,
    ],
    [thresholds(null, { precision: 0.9, support: 500 }), 1, /there are fewer than 500 texts/],
    [thresholds(0.5, null), 2, /nothing is to be fitted for headlines-en/],
    [{ thresholds: { 'headlines-en': { clikbait: { review: { recall: 0.9 } } } } }, 2, /did you mean "clickbait"/],
    [thresholds({ recall: 0.9, truth: 1 }, null), 2, /truth: the model gives labels, not values/],
  ])('%j cannot be fitted, and nothing is written', async (policy, code, message) => {
    const said = await copydesk([
      'policy',
      'fit',
      await write('p.json', policy),
      '--model',
      model,
      '--data',
      data,
      '--to',
      at('none.json'),
    ]);
    expect(said).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
    await expect(readFile(at('none.json'))).rejects.toThrow();
  });

  test('the policy itself is not overwritten', async () => {
    const policy = await write('same.json', thresholds({ recall: 0.9 }, null));
    const said = await copydesk(['policy', 'fit', policy, '--model', model, '--data', data, '--to', policy]);
    expect(said).toMatchObject({ code: 2, stderr: expect.stringContaining('that is the policy itself') });
  });
});

test('check says what would be in force, and what may not be meant', async () => {
  const policy = await write('check.json', {
    thresholds: { 'headlines-en': { clickbait: { review: 0.9, block: 0.5 } }, other: { x: { review: 0.1 } } },
    lists: {
      a: { action: 'block', words: ['soup', 'bread'] },
      b: { action: 'allow', words: ['soup'] },
      c: { action: 'review', words: [], language: ['de', 'en'] },
    },
    use: ['a', 'b'],
  });
  const { stdout, stderr } = await run('check', policy, '--model', model);
  expect(stdout.split('\n')).toEqual([
    expect.stringMatching(/^headlines-en@\w+ {2}clickbait: review from 0.9, block from 0.5$/),
    'list a: 2 words, block, language *',
    'list b: 1 word, allow, language *',
    'list c: 0 words, review, language de, en',
    expect.stringMatching(/^ok policy@[0-9a-f]{12}$/),
    '',
  ]);
  for (const note of ['other is for none of the models', 'lists.c is used nowhere', 'lists.a: 1 of its words', 'so it is never reviewed'])
    expect(stderr).toContain(note);
  const json = JSON.parse((await run('check', policy, '--model', model, '--json')).stdout);
  expect(json).toMatchObject({ ok: true, lists: [{ name: 'a', words: 2 }, {}, {}], remarks: { length: 4 } });
});

test('the example of the project is one that a server takes', async () => {
  await run('check', 'examples/policy.json', '--model', model);
});

test('help teaches by example', async () => {
  expect((await run('--help')).stdout).toMatch(/Usage: copydesk policy[\s\S]*\$ copydesk policy try/);
  expect((await run('try', '--help')).stdout).toContain('--against');
});
