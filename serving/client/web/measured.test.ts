import { expect, test } from 'vitest';
import { chooseFaster } from './measured.js';

const timed = (one: number, many: number, logits: readonly number[] = [1, -2]) => ({ one, many, logits });

test('the GPU is used where it is faster over single texts and lists together', () => {
  expect(chooseFaster(timed(10, 100), timed(5, 50))).toBe('webgpu');
  expect(chooseFaster(timed(10, 100), timed(20, 10))).toBe('webgpu');
  expect(chooseFaster(timed(10, 100), timed(40, 30))).toBe('wasm');
});

test('a tie is not worth the larger runtime', () => expect(chooseFaster(timed(10, 100), timed(9.8, 98))).toBe('wasm'));

test('a fast wrong answer is none', () => {
  expect(chooseFaster(timed(10, 100), timed(1, 10, [1, -2.3]))).toBe('wasm');
  expect(chooseFaster(timed(10, 100), timed(1, 10, [1]))).toBe('wasm');
  expect(chooseFaster(timed(10, 100), timed(1, 10, [Number.NaN, -2]))).toBe('wasm');
  expect(chooseFaster(timed(10, 100), timed(1, 10, [1.01, -2.01]))).toBe('webgpu');
});
