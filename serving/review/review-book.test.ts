import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LabelVerdict } from '../../models/index.js';
import type { HeldText } from './hold.js';
import { checkFile } from './open-file.js';
import { openReviewBook } from './review-book.js';
import { StoreFault, toFault } from './store-fault.js';

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-review-'));
});
afterAll(() => rm(folder, { recursive: true }));

const options = { items: 100, megabytes: 16, busyMs: 100 };
const fresh = (): string => join(folder, `${++count}.db`);
const start = Date.parse('2026-03-01T12:00:00.000Z');

const verdict: LabelVerdict = {
  label: 'clickbait',
  score: 0.7,
  scores: { clickbait: 0.7, news: 0.3 },
  decision: 'review',
  threshold: 0.5,
  decidedBy: 'clickbait',
  rule: { kind: 'threshold', label: 'clickbait', threshold: 0.5 },
  model: 'sample',
  version: 'v1',
};
const held = (text: HeldText['text'], more: Partial<HeldText> = {}): HeldText => ({ text, verdict, client: 'wire', ...more });

function open(path = fresh(), more: Partial<typeof options> = {}) {
  const book = openReviewBook(path, { ...options, ...more });
  const hold = (texts: readonly HeldText[], now = start) => book.ask('hold', { texts }, now);
  const claim = (by: string, count: number, now = start, resume = false) =>
    book.ask('claim', { by, count, resume, leaseMs: 60_000 }, now).items;
  const decide = (id: string, by: string, decision: object, now = start) => book.ask('decide', { id, by, decision }, now);
  const training = (filter = {}) => book.ask('training', { filter }, start).rows;
  return { path, book, hold, claim, decide, training };
}

/** All bytes of the file, and of the log beside it. */
async function bytesOf(path: string): Promise<string> {
  const files = [path, `${path}-wal`].filter((file) => existsSync(file));
  return (await Promise.all(files.map((file) => readFile(file, 'latin1')))).join('');
}

describe('the queue', () => {
  test('keeps a text with its verdict, whatever characters it has, and gives it back', () => {
    const { book, hold } = open();
    const texts = ['A "quoted" line\nand another', 'nul \u0000 and half a pair \ud83d', '台风 🚨', ''];
    const [first] = hold(texts.map((text) => held(text, { language: 'en', ref: 'c-1' })));
    const { items } = book.ask('list', { limit: 10 }, start);
    expect(items.map(({ text }) => text)).toEqual(texts);
    expect(items[0]).toEqual({
      id: first!.id,
      status: 'open',
      text: texts[0],
      model: 'sample@v1',
      decision: 'review',
      label: 'clickbait',
      scores: verdict.scores,
      rule: verdict.rule,
      client: 'wire',
      language: 'en',
      ref: 'c-1',
      created: '2026-03-01T12:00:00.000Z',
      seen: 1,
      lastSeen: '2026-03-01T12:00:00.000Z',
    });
  });

  test('an equal text of the same model that waits is counted; of another model, a pair, or after the decision it is a new item', () => {
    const { book, hold, decide } = open();
    const [first] = hold([held('a')]);
    expect(hold([held('a'), held('a', { client: 'blog' })], start + 5)).toEqual([first, first]);
    const others = hold([held('a', { verdict: { ...verdict, version: 'v2' } }), held(['a', 'b']), held(['b', 'a'])]);
    decide(first!.id!, 'ana', { action: 'publish' });
    const ids = [first, ...others, ...hold([held('a')])].map((one) => one?.id);
    expect(new Set(ids).size).toBe(5);
    const { items } = book.ask('list', { limit: 10 }, start);
    expect(items.map(({ seen }) => seen)).toEqual([3, 1, 1, 1, 1]);
    expect(items[0]!.lastSeen).toBe('2026-03-01T12:00:00.005Z');
  });

  test('what comes when as many wait as may is refused; what waits stays, and is still counted', () => {
    const { hold, decide } = open(undefined, { items: 2 });
    const [first] = hold([held('a'), held('b')]);
    const full = { queued: false, reason: 'full' };
    expect(hold([held('c'), held('a')])).toEqual([full, first]);
    decide(first!.id!, 'ana', { action: 'block' });
    expect(hold([held('c')])).toMatchObject([{ queued: true }]);
  });

  test('pages follow one another without a gap while items come and go', () => {
    const { book, hold, decide } = open();
    const ids = hold(Array.from({ length: 7 }, (_, i) => held(`text ${i}`))).map(({ id }) => id!);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = book.ask('list', { limit: 3, status: 'open', ...(cursor === undefined ? {} : { cursor }) }, start);
      seen.push(...page.items.map(({ id }) => id));
      if (seen.length === 3) decide(ids[0]!, 'ana', { action: 'publish' });
      cursor = page.next;
    } while (cursor !== undefined);
    expect(seen).toEqual(ids);
    const decided = book.ask('list', { limit: 5, status: 'decided', client: 'wire', label: 'clickbait', model: 'sample@v1' }, start);
    expect(decided.items.map(({ id }) => id)).toEqual([ids[0]]);
    expect(book.ask('list', { limit: 5, client: 'other' }, start).items).toEqual([]);
  });
});

describe('reviewers', () => {
  test('never get the same, get the oldest first, and get back what a closed page had claimed', () => {
    const { hold, claim } = open();
    hold(Array.from({ length: 5 }, (_, i) => held(`text ${i}`)));
    expect(claim('ana', 2).map(({ text }) => text)).toEqual(['text 0', 'text 1']);
    expect(claim('ben', 2).map(({ text }) => text)).toEqual(['text 2', 'text 3']);
    expect(claim('ana', 1).map(({ text }) => text)).toEqual(['text 4']);
    expect(claim('ben', 9)).toEqual([]);
    expect(claim('ben', 9, start, true).map(({ text }) => text)).toEqual(['text 2', 'text 3']);
  });

  test('a claim that ends gives the item to the next, also where the clock was set back since', () => {
    const { book, hold, claim, decide } = open();
    const [item] = hold([held('a')]);
    expect(claim('ana', 1)[0]?.claim).toEqual({ by: 'ana', until: '2026-03-01T12:01:00.000Z' });
    expect(claim('ben', 1, start + 59_999)).toEqual([]);
    expect(book.ask('list', { limit: 1, status: 'claimed' }, start + 59_999).items).toHaveLength(1);
    expect(claim('ben', 1, start + 60_000)).toHaveLength(1);
    expect(decide(item!.id!, 'ana', { action: 'block' }, start + 60_001)).toMatchObject({ kind: 'taken', item: { claim: { by: 'ben' } } });
    expect(claim('cyn', 1, start - 7 * 86_400_000)).toHaveLength(1);
  });

  test('decide what is theirs or nobody’s, once, with labels that the model gives', () => {
    const { book, hold, claim, decide } = open();
    const [a, b] = hold([held('a'), held('b', { verdict: { ...verdict, labels: ['clickbait'] } })]).map(({ id }) => id!);
    claim('ana', 1);
    expect(decide(a!, 'ben', { action: 'publish' }).kind).toBe('taken');
    expect(decide(a!, 'ana', { label: 'sport' }).kind).toBe('unknown-label');
    expect(decide(a!, 'ana', { labels: ['news', 'clickbait'] }).kind).toBe('unknown-label');
    const done = decide(a!, 'ana', { action: 'publish', label: 'news', note: 'a quote' }, start + 9);
    const outcome = { action: 'publish', label: 'news', note: 'a quote', by: 'ana', at: '2026-03-01T12:00:00.009Z' };
    expect(done).toMatchObject({ kind: 'done', item: { status: 'decided', outcome } });
    expect(decide(a!, 'ana', { action: 'block' }).kind).toBe('taken');
    expect(decide('elsewhere', 'ana', { action: 'block' }).kind).toBe('unknown');
    expect(decide(b!, 'ben', { labels: [] })).toMatchObject({ kind: 'done', item: { outcome: { labels: [] } } });
    expect(book.ask('release', { id: a!, by: 'ana' }, start).kind).toBe('taken');
  });

  test('let go of what they do not want to decide', () => {
    const { book, hold, claim } = open();
    const [item] = hold([held('a')]);
    claim('ana', 1);
    expect(book.ask('release', { id: item!.id!, by: 'ben' }, start).kind).toBe('taken');
    expect(book.ask('release', { id: item!.id!, by: 'ana' }, start)).toMatchObject({ kind: 'done', item: { status: 'open' } });
    expect(claim('ben', 1)).toHaveLength(1);
  });
});

describe('what is exported', () => {
  test('decisions with a label, then suggestions that say one; what a reviewer has labelled goes before a suggestion', () => {
    const { book, hold, decide, training } = open();
    const [a, b] = hold([held('a', { ref: 'c-1' }), held('b'), held(['c', 'd'])]).map(({ id }) => id!);
    decide(a!, 'ana', { action: 'publish', label: 'news' });
    decide(b!, 'ana', { action: 'block' });
    const suggest = (text: string, more: object) => book.ask('suggest', { text, model: 'sample@v1', client: 'wire', ...more }, start);
    suggest('a', { label: 'clickbait' });
    suggest('e', { scores: { clickbait: 0.9 }, token: 't-1' });
    suggest('f', { scores: { clickbait: 0.2 } });
    suggest('g', { scores: { clickbait: 0.8, news: 0.8 } });
    suggest('h', { labels: [] });
    const common = { model: 'sample@v1', client: 'wire', time: '2026-03-01T12:00:00.000Z' };
    expect(training()).toEqual([
      { text: 'a', label: 'news', predicted: 'clickbait', source: 'review', action: 'publish', ref: 'c-1', ...common },
    ]);
    const { next } = book.ask('training', { filter: {} }, start);
    const suggested = book.ask('training', { filter: {}, from: next }, start);
    expect(suggested).toEqual({
      rows: [
        { text: 'e', label: 'clickbait', scores: { clickbait: 0.9 }, source: 'feedback', ref: 't-1', ...common },
        { text: 'h', labels: [], source: 'feedback', ...common },
      ],
    });
    expect(training({ model: 'other@v1' })).toEqual([]);
    expect(training({ since: '2026-03-01T12:00:00.001Z' })).toEqual([]);
    expect(book.ask('figures', {}, start)).toMatchObject({ open: 1, claimed: 0, decided: 2, labelled: 1, overruled: 1, feedback: 5 });
  });

  test('the same suggestion again, by its key, changes nothing; another client may have the same key', () => {
    const { book } = open();
    const suggest = (client: string) => book.ask('suggest', { text: 'a', model: 'm@1', label: 'x', client, idempotencyKey: 'k' }, start);
    const first = suggest('wire');
    expect(suggest('wire')).toEqual({ ...first, repeated: true });
    expect(suggest('blog')).toMatchObject({ repeated: false });
    expect(book.ask('figures', {}, start).feedback).toBe(2);
  });
});

describe('erasing', () => {
  test.each([
    ['by item', (id: string) => ({ id }), 1],
    ['by text, also as one of a pair or a suggestion', () => ({ text: 'the secret of the harbour' }), 3],
    ['by client', () => ({ client: 'reader' }), 2],
  ])('%s leaves not a byte in the files', async (_by, request, gone) => {
    const { path, book, hold } = open();
    const secret = 'the secret of the harbour';
    const filler = (from: number) => Array.from({ length: 30 }, (_, i) => held(`${from + i} ${'filler '.repeat((i * 37) % 200)}`));
    hold(filler(0));
    const [item] = hold([held(secret, { client: 'reader' })]);
    hold(filler(30));
    const pair = held(['other', secret], { client: 'blog' });
    if (gone !== 1) hold([pair]);
    if (gone === 3) book.ask('suggest', { text: secret, model: 'm@1', label: 'x' }, start);
    if (gone === 2) {
      book.ask('erase', { text: secret }, start);
      hold([held(secret, { client: 'reader' })]);
      book.ask('suggest', { text: secret, model: 'm@1', label: 'x', client: 'reader' }, start);
    }
    const seen = hold([held(secret, { client: 'reader' })]);
    expect(await bytesOf(path)).toContain(secret);
    expect(book.ask('erase', request(gone === 1 ? item!.id! : seen[0]!.id!), start)).toBe(gone);
    expect(book.clean()).toBe(true);
    expect(await bytesOf(path)).not.toContain(secret);
    expect(await bytesOf(path)).toContain('59 ');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('after many rows came, grew and went, no text and no client of the erased ones is left, though SQLite had moved them about', async () => {
    const { path, book, hold, claim, decide } = open(undefined, { items: 10_000 });
    let seed = 1;
    const next = (): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 32;
    };
    const erased: string[] = [];
    const live = new Map<string, string>();
    for (let round = 0; round < 12; round++) {
      const marks = Array.from({ length: 250 }, () => `${Math.floor(next() * 1e12)}mark`);
      const rows = marks.map((mark) => held(`${mark} `.repeat(1 + Math.floor(next() ** 4 * 300)), { client: mark }));
      hold(rows).forEach(({ id }, i) => void live.set(id!, marks[i]!));
      for (const { id } of claim('ana', 80)) decide(id, 'ana', { action: 'block', note: 'n'.repeat(Math.floor(next() * 300)) });
      const going = [...live].filter(() => next() < 0.3);
      book.run(
        going.map(([id]) => ({ name: 'erase', takes: { id } }) as const),
        start,
      );
      for (const [id, mark] of going) {
        live.delete(id);
        erased.push(mark);
      }
    }
    const left = async (): Promise<string[]> => {
      const bytes = await bytesOf(path);
      return erased.filter((mark) => bytes.includes(mark));
    };
    // Without the log, which has older pages: what `secure_delete` alone leaves. Were that nothing, this test would show nothing.
    const other = new Database(path);
    other.pragma('wal_checkpoint(TRUNCATE)');
    other.close();
    expect(erased.length).toBeGreaterThan(1_000);
    expect(await left()).not.toEqual([]);
    expect(book.clean()).toBe(true);
    expect(await left()).toEqual([]);
  });

  test('what is past its time goes: decided items from their decision on, waiting ones from when they were last held', () => {
    const { book, hold, decide } = open();
    const [a] = hold([held('a'), held('b'), held('c')]).map(({ id }) => id!);
    decide(a!, 'ana', { action: 'publish' }, start + 10);
    hold([held('b')], start + 20);
    book.ask('suggest', { text: 'x', model: 'm@1', label: 'y' }, start + 5);
    expect(book.ask('sweep', { before: start + 10 }, start)).toBe(2);
    expect(book.ask('list', { limit: 9 }, start).items.map(({ text }) => text)).toEqual(['a', 'b']);
  });
});

describe('faults', () => {
  const faultOf = (work: () => unknown): string => {
    try {
      work();
    } catch (error) {
      if (error instanceof StoreFault) return error.reason;
      throw error;
    }
    return 'none';
  };

  test('another process that writes: busy, then as before', () => {
    const { path, hold } = open();
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    expect(faultOf(() => hold([held('a')]))).toBe('busy');
    other.exec('COMMIT');
    other.close();
    expect(hold([held('a')])).toMatchObject([{ queued: true }]);
  });

  test('no room: what is too much is refused alone, what fits is kept', () => {
    const { book, hold } = open(undefined, { megabytes: 0.3 });
    hold([held('small')]);
    const results = book.run(
      [held('also small'), held('large '.repeat(60_000))].map((text) => ({ name: 'hold', takes: { texts: [text] } })),
      start,
    );
    expect(results).toMatchObject([{ value: [{ queued: true }] }, { fault: { reason: 'full' } }]);
    expect(book.ask('list', { limit: 9 }, start).items.map(({ text }) => text)).toEqual(['small', 'also small']);
  });

  test('a file that was removed or replaced: gone, rather than written where nobody looks', async () => {
    const { path, hold } = open();
    hold([held('a')]);
    await rm(path);
    expect(faultOf(() => hold([held('b')]))).toBe('gone');
    await writeFile(path, '');
    expect(faultOf(() => hold([held('b')]))).toBe('gone');
  });

  test.skipIf(process.getuid?.() === 0)(
    'a file that may only be read (skipped for root, who may write it all the same): said',
    async () => {
      const path = fresh();
      open(path).book.close();
      await chmod(path, 0o444);
      expect(faultOf(() => open(path).hold([held('a')]))).toBe('read-only');
    },
  );

  test.each<[string, (db: Database.Database) => void, string]>([
    ['a database that may only be read', (db) => db.pragma('query_only = ON'), 'read-only'],
    ['a mistake in what is asked', (db) => db.exec('SELECT'), 'undefined'],
  ])('%s is told from the others', (_what, make, reason) => {
    const db = new Database(':memory:');
    let thrown: unknown;
    try {
      make(db);
      db.exec('CREATE TABLE t (x)');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Error);
    expect(String(toFault(thrown)?.reason)).toBe(reason);
  });

  test('a file that is no database, or a damaged one: corrupt', async () => {
    const path = fresh();
    await writeFile(path, 'no database '.repeat(1_000));
    expect(faultOf(() => openReviewBook(path, options))).toBe('corrupt');
    const other = open();
    other.hold(Array.from({ length: 50 }, (_, i) => held(`${i} ${'words '.repeat(100)}`)));
    other.book.clean();
    other.book.close();
    const bytes = await readFile(other.path);
    bytes.fill(0xa5, 4_096, 40_960);
    await writeFile(other.path, bytes);
    expect(faultOf(() => open(other.path).hold([held('a')]))).toBe('corrupt');
  });

  test.each<[string, (path: string) => void, RegExp]>([
    ['of a newer version', (path) => new Database(path).pragma('user_version = 99'), /newer copydesk \(form 99;.*Fix: use that version/],
    ['of something else', (path) => new Database(path).exec('CREATE TABLE t (x)'), /database of something else/],
  ])('a file %s is refused, and stays as it is', async (_what, make, message) => {
    const path = fresh();
    make(path);
    const before = await bytesOf(path);
    expect(() => openReviewBook(path, options)).toThrow(message);
    expect(() => checkFile(path)).toThrow(message);
    expect(await bytesOf(path)).toBe(before);
  });

  test('a folder that is not there, and a path that is a folder, are refused', () => {
    expect(() => openReviewBook(join(folder, 'no', 'desk.db'), options)).toThrow(/the folder .*no is not there/);
    expect(() => openReviewBook(folder, options)).toThrow(/is no file/);
    expect(() => checkFile(join(folder, 'no', 'desk.db'))).toThrow(/is not there/);
    const path = fresh();
    checkFile(path);
    expect(existsSync(path)).toBe(false);
  });
});
