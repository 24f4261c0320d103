import { expect, test } from 'vitest';
import { createResultCache, type Result } from './result-cache.js';

const result = (value: number): Result => ({ logits: Float32Array.of(value, -value), truncated: value > 5, tokens: value });
/** Room for three results of two logits. */
const three = 3 * 608;

test('what was kept comes back as it was, what was not does not', () => {
  const cache = createResultCache(three);
  cache.set('a', result(7));
  expect(cache.get('a')).toEqual(result(7));
  expect(cache.get('b')).toBeUndefined();
});

test('the bound holds, and what was not asked for the longest time goes first', () => {
  const cache = createResultCache(three);
  for (const [i, key] of ['a', 'b', 'c'].entries()) cache.set(key, result(i));
  cache.get('a');
  cache.set('d', result(4));
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true, true]);
  for (let i = 0; i < 1_000; i++) {
    cache.set(`${i}`, result(i));
    expect(cache.bytes).toBeLessThanOrEqual(three);
  }
  expect(cache.entries).toBe(3);
});

test('the same key again takes no more room', () => {
  const cache = createResultCache(three);
  for (let i = 0; i < 5; i++) cache.set('a', result(i));
  expect([cache.entries, cache.bytes]).toEqual([1, 608]);
  expect(cache.get('a')).toEqual(result(4));
});

test('a result does not keep the batch alive that it was part of', () => {
  const batch = new Float32Array(1_000);
  const cache = createResultCache(three);
  cache.set('a', { logits: batch.subarray(10, 12), truncated: false, tokens: 1 });
  expect(cache.get('a')!.logits.buffer.byteLength).toBe(8);
});

test('what is larger than the whole cache is not kept', () => {
  const cache = createResultCache(700);
  cache.set('a', { ...result(1), logits: new Float32Array(1_000) });
  expect([cache.entries, cache.bytes]).toEqual([0, 0]);
});
