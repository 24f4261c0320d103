import { expect, test } from 'vitest';
import type { Manifest, TextInput } from '../../models/index.js';
import type { ServedModel } from './catalogue.js';
import { textKey } from './text-key.js';

const served = (sha256: string, maxTokens = 64): ServedModel => {
  const files = [{ path: 'onnx/model.onnx', bytes: 1, sha256 }];
  const manifest = { name: 'm', version: '1', files, text: { maxTokens, input: 'any', pairs: 'as-given' } } as unknown as Manifest;
  return { key: 'm@1', manifest, folder: '', modelPath: 'onnx/model.onnx' } as ServedModel;
};
const model = served('aa');

test('the same text to the same bundle has one key, though it was loaded twice', () => {
  expect(textKey(model, 'Rain at noon')).toBe(textKey(served('aa'), 'Rain at noon'));
});

test.each<[string, TextInput, TextInput]>([
  ['a space', 'a', 'a '],
  ['a form of the same letter', 'é', 'e\u0301'],
  ['a half of a surrogate pair', '\ud83d', '\ud83e'],
  ['a half of a pair and the sign for what cannot be read', '\ud83d', '\ufffd'],
  ['the border between two texts', ['ab', 'c'], ['a', 'bc']],
  ['the order of two texts', ['a', 'b'], ['b', 'a']],
  ['one text or two', 'ab', ['ab', '']],
])('texts that differ by %s have different keys', (_what, one, other) => expect(textKey(model, one)).not.toBe(textKey(model, other)));

test.each([
  ['weights', served('bb')],
  ['rules of reading', served('aa', 32)],
])('a bundle of the same name and version with other %s has other keys', (_what, other) => {
  expect(textKey(other, 'Rain at noon')).not.toBe(textKey(model, 'Rain at noon'));
});

test('the key does not tell the text', () => expect(textKey(model, 'Rain at noon')).toMatch(/^[\w-]{43}$/));
