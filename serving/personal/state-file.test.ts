import { expect, test } from 'vitest';
import { serializeSafetensors } from '../../models/index.js';
import { fromStateBytes, toStateBytes } from './state-file.js';

const sha256 = 'a'.repeat(64);
const owner = {
  name: 'headlines',
  version: 'one',
  files: [{ path: 'step', bytes: 1, sha256 }],
  personalise: { features: 'features', step: 'step', parameters: 3 },
};
const state = { change: Float32Array.of(1, -2, 0.5), corrections: 4 };

test('what is written is read again, and the same state is the same bytes', () => {
  const bytes = toStateBytes(state, owner);
  expect(fromStateBytes(bytes, owner)).toEqual(state);
  expect(toStateBytes(fromStateBytes(bytes, owner), owner)).toEqual(bytes);
});

const other = (change: object) => ({ ...owner, ...change });
const numbers = (...values: number[]) => ({ type: 'float32' as const, dims: [values.length], data: Float32Array.from(values) });
test.each([
  [
    'of another version',
    toStateBytes(state, other({ version: 'two' })),
    /learnt on headlines@two, and this is headlines@one\. Fix: learn again/,
  ],
  ['of another model', toStateBytes(state, other({ name: 'comments' })), /learnt on comments@one/],
  [
    'by another step',
    toStateBytes(state, other({ files: [{ ...owner.files[0], sha256: 'b'.repeat(64) }] })),
    /by another step of headlines@one/,
  ],
  ['of another size', toStateBytes({ ...state, change: Float32Array.of(1) }, owner), /by another step/],
  ['with numbers that are none', toStateBytes({ ...state, change: Float32Array.of(1, Number.NaN, 2) }, owner), /numbers that are none/],
  ['of other things', serializeSafetensors(new Map([['change', numbers(1, 2, 3)]])), /not of a personal head/],
  ['cut off', toStateBytes(state, owner).slice(0, -5), /not a whole safetensors file/],
])('a file %s is refused, with what to do', (_, bytes, message) => {
  expect(() => fromStateBytes(bytes, owner)).toThrow(message);
  expect(() => fromStateBytes(bytes, owner)).toThrow(expect.objectContaining({ code: 'weights/invalid' }));
});
