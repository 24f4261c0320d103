/** @file Cases of the W3C recommendation and of its test suite. */
import { describe, expect, test } from 'vitest';
import { traceContextOf } from './trace-context.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${spanId}-01`;

test('a traceparent of the standard is read', () => {
  expect(traceContextOf({ traceparent })).toEqual({ traceId, spanId, sampled: true });
  expect(traceContextOf({ traceparent: `00-${traceId}-${spanId}-00` })?.sampled).toBe(false);
});

test('flags that the standard does not define yet change nothing', () => {
  expect(traceContextOf({ traceparent: `00-${traceId}-${spanId}-03` })).toEqual({ traceId, spanId, sampled: true });
  expect(traceContextOf({ traceparent: `00-${traceId}-${spanId}-02` })?.sampled).toBe(false);
});

test('of a later version, what is known of it is read', () => {
  expect(traceContextOf({ traceparent: `cc-${traceId}-${spanId}-01-what-the-future-will-be-like` })).toMatchObject({ traceId, spanId });
  expect(traceContextOf({ traceparent: `cc-${traceId}-${spanId}-01` })).toMatchObject({ traceId, spanId });
});

describe('a traceparent that is not well formed is as if it had not been sent', () => {
  test.each([
    ['nothing', ''],
    ['the forbidden version', `ff-${traceId}-${spanId}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['a span of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['capital letters', traceparent.toUpperCase()],
    ['a trace too short', `00-${traceId.slice(1)}-${spanId}-01`],
    ['letters beyond f', `00-${traceId.replace('0', 'g')}-${spanId}-01`],
    ['more than version 00 has', `${traceparent}-what`],
    ['a dash at its end', `${traceparent}-`],
    ['a later version without its dash', `cc-${traceId}-${spanId}-01.what`],
    ['two of them', `${traceparent}, ${traceparent}`],
    ['one digit of flags', `00-${traceId}-${spanId}-1`],
    ['a text of a reader', 'A most unusual marmalade'],
  ])('%s', (_, header) => expect(traceContextOf({ traceparent: header, tracestate: 'a=1' })).toBeUndefined());
});

describe('tracestate', () => {
  const stateOf = (tracestate: string) => traceContextOf({ traceparent, tracestate })?.state;

  test('is kept, without what may stand around its members', () => {
    expect(stateOf('foo=1 , bar=2,,rojo@vendor=00f067')).toBe('foo=1,bar=2,rojo@vendor=00f067');
  });
  test.each([
    ['a key twice', 'foo=1,foo=2'],
    ['no value', 'foo='],
    ['no key', '=1'],
    ['a capital letter', 'Foo=1'],
    ['two signs', 'foo=bar=baz'],
    ['33 members', Array.from({ length: 33 }, (_, i) => `k${i}=1`).join(',')],
    ['a letter of another alphabet', 'foo=ж'],
  ])('with %s it is left out, and the trace goes on', (_, state) => {
    expect(traceContextOf({ traceparent, tracestate: state })).toEqual({ traceId, spanId, sampled: true });
  });
  test('of more than 512 characters, long members go first and then the last', () => {
    const short = Array.from({ length: 10 }, (_, i) => `k${i}=${'v'.repeat(60)}`);
    const state = stateOf(['long=', 'x'.repeat(200), ',', short.join(',')].join(''))!;
    expect(state).toBe(short.slice(0, 8).join(','));
  });
  test('alone it means nothing', () => expect(traceContextOf({ tracestate: 'foo=1' })).toBeUndefined());
});
