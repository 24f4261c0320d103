import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Answer, Item } from './classifier.js';
import { CopydeskError } from './copydesk-error.js';
import { type Batch, type GroupOptions, groupCalls } from './group-calls.js';

const answer = (item: Item): Answer => ({ label: typeof item === 'string' ? item : item.text }) as unknown as Answer;
const labels = (answers: readonly Answer[]): string[] => answers.map((one) => ('label' in one ? one.label : ''));

/** What is asked is kept; it is answered when `open` is called, or at once. */
function desk(options: Partial<GroupOptions> = {}) {
  const batches: Batch[] = [];
  const ask = async (batch: Batch): Promise<Answer[]> => {
    batches.push(batch);
    return batch.items.map(answer);
  };
  const calls = groupCalls({ ask, wait: 3, texts: { plain: 4, explained: 2 }, characters: 20, parallel: 1, timeout: 1_000, splits: () => false, ...options }); // biome-ignore format: one line
  return { ...calls, batches, sizes: () => batches.map(({ items }) => items.length) };
}

/** Answered when it is let go. */
function held() {
  const waiting: { readonly batch: Batch; go(): void }[] = [];
  const ask = (batch: Batch): Promise<Answer[]> =>
    new Promise((resolve, reject) => {
      waiting.push({ batch, go: () => resolve(batch.items.map(answer)) });
      batch.signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
  return { waiting, ask };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('calls made together are one batch, and each gets its own answers', async () => {
  const { classify, sizes } = desk();
  const all = Promise.all([classify(['a'], {}), classify(['b', 'c'], {}), classify([], {})]);
  await vi.advanceTimersByTimeAsync(3);
  expect((await all).map(labels)).toEqual([['a'], ['b', 'c'], []]);
  expect(sizes()).toEqual([3]);
});

test('a batch holds so many texts and characters; a longer text goes alone', async () => {
  const { classify, batches } = desk();
  const all = Promise.all([classify([...'abcdef'], {}), classify(['x'.repeat(18), 'yy', 'z'.repeat(30), 'w'], {})]);
  await vi.advanceTimersByTimeAsync(3);
  expect((await all).map((one) => one.length)).toEqual([6, 4]);
  expect(batches.flatMap(({ items }) => items)).toHaveLength(10);
  for (const { items } of batches) {
    expect(items.length).toBeLessThanOrEqual(4);
    expect(items.length === 1 || items.join('').length <= 20).toBe(true);
  }
});

test('calls with other wishes are not mixed, and explained batches are smaller', async () => {
  const { classify, batches } = desk();
  const all = Promise.all([classify(['a'], { explain: true }), classify(['b'], {}), classify(['c', 'd', 'e'], { explain: true })]);
  await vi.advanceTimersByTimeAsync(3);
  await all;
  expect(batches.map(({ items, explain }) => [items.join(''), explain])).toEqual([
    ['ac', {}],
    ['b', undefined],
    ['de', {}],
  ]);
});

test('a call of many texts gives way to others between its batches', async () => {
  const { classify, batches } = desk();
  const all = Promise.all([classify(Array<string>(12).fill('m'), {}), classify(['one'], { timeout: 500 })]);
  await vi.advanceTimersByTimeAsync(3);
  await all;
  expect(batches.map(({ items }) => items[0])).toEqual(['m', 'one', 'm', 'm']);
});

test('what is given up is not asked; a batch that nobody waits for is stopped', async () => {
  const { waiting, ask } = held();
  const { classify } = desk({ ask });
  const [first, second] = [new AbortController(), new AbortController()];
  const settled = Promise.allSettled([
    classify(['a'], { signal: first.signal }),
    classify(['b'], { signal: second.signal }),
    classify(['c'], { signal: AbortSignal.abort('at once') }),
  ]);
  second.abort('before');
  await vi.advanceTimersByTimeAsync(3);
  expect(waiting[0]!.batch.items).toEqual(['a']);
  first.abort('under way');
  expect((await settled).map((one) => one.status === 'rejected' && one.reason)).toEqual(['under way', 'before', 'at once']);
  expect(waiting[0]!.batch.signal.aborted).toBe(true);
});

test('a batch goes on for the others when one of its calls is given up', async () => {
  const { waiting, ask } = held();
  const { classify } = desk({ ask });
  const stop = new AbortController();
  const settled = Promise.allSettled([classify(['a'], { signal: stop.signal }), classify(['b'], {})]);
  await vi.advanceTimersByTimeAsync(3);
  stop.abort('enough');
  expect(waiting[0]!.batch.signal.aborted).toBe(false);
  waiting[0]!.go();
  const [a, b] = await settled;
  expect(a).toEqual({ status: 'rejected', reason: 'enough' });
  expect(b.status === 'fulfilled' && labels(b.value)).toEqual(['b']);
});

test('time over: the call is rejected, and its time is what the batch is told', async () => {
  const { waiting, ask } = held();
  const { classify } = desk({ ask });
  const lost = expect(classify(['a'], { timeout: 200 })).rejects.toMatchObject({
    code: 'deadline-exceeded',
    message: 'no answer within 200 ms',
  });
  await vi.advanceTimersByTimeAsync(3);
  expect(waiting[0]!.batch.deadline - performance.now()).toBeCloseTo(197, 0);
  await vi.advanceTimersByTimeAsync(200);
  await lost;
});

test('where one text may be at fault, calls that shared its batch are asked again by themselves', async () => {
  const batches: string[] = [];
  const ask = async ({ items }: Batch): Promise<Answer[]> => {
    batches.push(items.join(''));
    if (items.includes('!')) throw new CopydeskError('text-too-long', 'text 1 is too long', 'shorten it');
    return items.map(answer);
  };
  const { classify } = desk({ ask, splits: ({ code }) => code === 'text-too-long' });
  const settled = Promise.allSettled([classify(['a'], {}), classify(['!'], {}), classify(['b'], {})]);
  await vi.advanceTimersByTimeAsync(3);
  expect((await settled).map((one) => (one.status === 'fulfilled' ? labels(one.value)[0] : one.reason.code))).toEqual([
    'a',
    'text-too-long',
    'b',
  ]);
  expect(batches).toEqual(['a!b', 'a', '!', 'b']);
});

test('dispose rejects what waits and what is under way, and every call after it', async () => {
  const { ask } = held();
  const { classify, dispose } = desk({ ask });
  const settled = Promise.allSettled([classify(['a'], {}), classify(Array<string>(9).fill('b'), { timeout: 9 })]);
  await vi.advanceTimersByTimeAsync(3);
  dispose();
  for (const one of await settled) expect(one.status === 'rejected' && one.reason.code).toBe('disposed');
  await expect(classify(['c'], {})).rejects.toMatchObject({ code: 'disposed' });
  expect(vi.getTimerCount()).toBe(0);
});
