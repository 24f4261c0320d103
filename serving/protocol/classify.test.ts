import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../models/index.js';
import { classifyResponse, classifyResponseSchema, parseClassifyRequest } from './classify.js';
import { errorCodes, ServiceError, statusOf } from './errors.js';

const limits = { texts: 3, characters: 10 };
const parse = (body: unknown) => parseClassifyRequest(body, limits);

function refusal(body: unknown): ServiceError {
  try {
    parse(body);
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
  throw new Error('the request was accepted');
}

describe('classify requests that are accepted', () => {
  test.each([
    [{ text: 'a' }, { texts: ['a'], single: true, model: undefined }],
    [{ text: '' }, { texts: [''], single: true, model: undefined }],
    [{ texts: ['a', 'b'] }, { texts: ['a', 'b'], single: false, model: undefined }],
    [{ inputs: 'a' }, { texts: ['a'], single: true, model: undefined }],
    [
      { inputs: ['a'], model: 'm@1' },
      { texts: ['a'], single: false, model: 'm@1' },
    ],
    [
      { text: 'a', pair: 'b' },
      { texts: [['a', 'b']], single: true, model: undefined },
    ],
    [{ texts: ['a', { text: 'b' }, { text: 'c', pair: 'd' }] }, { texts: ['a', 'b', ['c', 'd']], single: false, model: undefined }],
    [
      { text: 'a', language: 'zh-Hant' },
      { texts: ['a'], single: true, model: undefined, language: 'zh-Hant' },
    ],
    [{ inputs: [{ text: 'a', pair: '' }] }, { texts: [['a', '']], single: false, model: undefined }],
    [
      { text: 'a', timeout_ms: 250 },
      { texts: ['a'], single: true, model: undefined, timeoutMs: 250 },
    ],
    [
      { texts: [{ text: 'a', id: 'c-1' }, 'b'], do_not_store: true },
      { texts: ['a', 'b'], single: false, refs: ['c-1', undefined], keep: false },
    ],
    [
      { text: 'a', id: 'c-1', do_not_store: false },
      { texts: ['a'], single: true, refs: ['c-1'] },
    ],
    [{ text: '\0\ud800' }, { texts: ['\0\ud800'], single: true, model: undefined }],
  ])('%j', (body, expected) => expect(parse(body)).toEqual(expected));
});

describe('classify requests that are refused name what is wrong and what to do', () => {
  test.each([
    [null, 'invalid-request', /the body is null/],
    [[], 'invalid-request', /an array, not a JSON object/],
    ['x', 'invalid-request', /a string, not a JSON object/],
    [{}, 'invalid-request', /none of "text", "texts" and "inputs"/],
    [{ text: 'a', texts: ['b'] }, 'invalid-request', /more than one/],
    [{ txt: 'a' }, 'invalid-request', /unknown field "txt"/],
    [{ text: 5 }, 'invalid-request', /"text" is a number/],
    [{ text: ['a'] }, 'invalid-request', /"text" is an array/],
    [{ texts: 'a' }, 'invalid-request', /"texts" is a string/],
    [{ texts: [] }, 'invalid-request', /"texts" is empty/],
    [{ texts: ['a', null] }, 'invalid-request', /"texts"\[1\] is null/],
    [{ inputs: [['a']] }, 'invalid-request', /"inputs"\[0\] is an array/],
    [{ texts: [{ text: 'a', piar: 'b' }] }, 'invalid-request', /"texts"\[0\] is an object of another form/],
    [{ pair: 'a' }, 'invalid-request', /none of "text"/],
    [{ texts: ['a'], pair: 'b' }, 'invalid-request', /"pair" was given without "text"/],
    [{ text: 'a', pair: 3 }, 'invalid-request', /"pair" is a number/],
    [{ text: 'a', pair: 'long enough to fail' }, 'text-too-long', /text 0 has 19 characters/],
    [{ text: 'a', model: 3 }, 'invalid-request', /"model" is a number/],
    [{ text: 'a', timeout_ms: '5' }, 'invalid-request', /"timeout_ms" is a string, not a number/],
    [{ text: 'a', timeout_ms: 0 }, 'invalid-request', /"timeout_ms" is no whole number above 0/],
    [{ texts: [3], timeout_ms: 5 }, 'invalid-request', /"texts"\[0\] is a number/],
    [{ text: 'a', language: 'english please' }, 'invalid-request', /"language" is no language tag/],
    [{ text: 'a', language: ['en'] }, 'invalid-request', /"language" is an array/],
    [{ texts: ['a', 'b', 'c', 'd'] }, 'too-many-texts', /4 texts; at most 3/],
    [{ texts: ['a', 'long enough to fail'] }, 'text-too-long', /text 1 has 19 characters; at most 10/],
  ])('%j', (body, code, message) => {
    const error = refusal(body);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.fix).not.toBe('');
  });

  test('an unknown field is answered with the nearest known one', () =>
    expect(refusal({ txts: ['a'] }).fix).toMatch(/did you mean "texts"/));
});

const verdict: Verdict = {
  label: 'news',
  score: 0.9,
  scores: { news: 0.9, clickbait: 0.1 },
  decision: 'publish',
  threshold: 0.5,
  decidedBy: null,
  rule: { kind: 'none' },
  model: 'm',
  version: '1',
};

test('a single text also has its verdict at the top level, a list has not', () => {
  const single = classifyResponse([verdict], true);
  expect(single).toMatchObject({ label: 'news', model: 'm', results: [verdict] });
  expect(classifyResponse([verdict, verdict], false)).toEqual({ model: 'm', version: '1', results: [verdict, verdict] });
  expect(classifyResponseSchema.parse(single)).toEqual(single);
});

test('several labels and values keep their form on the way', () => {
  const severalLabels: Verdict = { ...verdict, labels: ['news', 'clickbait'] };
  const { label: _label, score: _score, scores: _scores, ...rest } = verdict;
  const values: Verdict = { ...rest, threshold: null, value: 2.5, values: { anger: 2.5 } };
  for (const one of [severalLabels, values]) {
    const answer = classifyResponse([one], true);
    expect(classifyResponseSchema.parse(answer)).toEqual(answer);
    expect(answer).toMatchObject(one);
  }
});

test.each<Partial<Verdict>>([
  { decision: 'block', rule: { kind: 'threshold', label: 'news', threshold: 0.8 } },
  { decision: 'review', rule: { kind: 'word', list: 'names', word: 'Ann' }, policy: 'newsroom@1' },
  { decision: 'publish', observed: 'block', rule: { kind: 'allowed', list: 'ok', word: 'w', label: 'news', threshold: 0.8 } },
])('what decided keeps its form on the way: %j', (change) => {
  const answer = classifyResponse([{ ...verdict, ...change } as Verdict], true);
  expect(classifyResponseSchema.parse(answer)).toEqual(answer);
});

test('every error code has a status that is an error', () => {
  for (const code of errorCodes) expect(statusOf[code]).toBeGreaterThanOrEqual(400);
});
