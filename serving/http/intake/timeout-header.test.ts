import { expect, test } from 'vitest';
import { leftOf, shorterTimeout } from './timeout-header.js';

const header = (value: string | string[]) => ({ 'x-copydesk-timeout-ms': value }) as Record<string, string>;

test('the shorter of header and body holds', () => {
  expect(shorterTimeout({}, undefined)).toBeUndefined();
  expect(shorterTimeout({}, 500)).toBe(500);
  expect(shorterTimeout(header('200'), undefined)).toBe(200);
  expect(shorterTimeout(header('200'), 500)).toBe(200);
  expect(shorterTimeout(header('900'), 500)).toBe(500);
});

test.each(['', '0', '-5', '1.5', '1e3', 'soon', '200, 300', '99999999999'])('the header %j is refused with its name', (value) => {
  expect(() => shorterTimeout(header(value), undefined)).toThrow(
    expect.objectContaining({ code: 'invalid-request', field: 'x-copydesk-timeout-ms' }),
  );
});

test('the way back is part of the time', () => {
  expect(leftOf(undefined, 5)).toBeUndefined();
  expect(leftOf(500, 0)).toBe(475);
  expect(leftOf(500, 100)).toBe(375);
  expect(leftOf(10_000, 0)).toBe(9_950);
  expect(leftOf(1, 0)).toBe(1);
  expect(leftOf(20, 20)).toBeLessThanOrEqual(0);
});
