import { expect, test } from 'vitest';
import { modelFiles } from './choose-file.js';

const bundle = (models: Parameters<typeof modelFiles>[0]['models'], bytes: number) => ({
  models,
  files: [{ path: 'a.onnx', bytes, sha256: '0'.repeat(64) }],
});
const files = { fp32: 'a.onnx', int8: 'b.onnx', fp16: 'c.onnx' };
const all = bundle(files, 90e6);
const small = bundle(files, 5e6);
const plain = bundle({ fp32: 'a.onnx' }, 90e6);
const precisions = (...given: Parameters<typeof modelFiles>) => modelFiles(...given).map(({ precision }) => precision);

test('each device gets the file that is made for it, and fp32 behind it', () => {
  expect(precisions(all, 'auto', { provider: 'wasm', halfPrecision: false })).toEqual(['int8', 'fp32']);
  expect(precisions(all, 'auto', { provider: 'webgpu', halfPrecision: true })).toEqual(['fp16', 'fp32']);
  expect(precisions(all, 'auto', { provider: 'webgpu', halfPrecision: false })).toEqual(['fp32']);
  expect(precisions(plain, 'auto', { provider: 'wasm', halfPrecision: false })).toEqual(['fp32']);
});

test('a small model answers as the server does, to the digit', () => {
  expect(precisions(small, 'auto', { provider: 'wasm', halfPrecision: false })).toEqual(['fp32', 'int8']);
});

test('what is asked for is what runs, or an error that says what there is', () => {
  expect(modelFiles(all, 'fp16', { provider: 'wasm', halfPrecision: false })).toEqual([{ precision: 'fp16', path: 'c.onnx' }]);
  expect(() => modelFiles(all, 'fp16', { provider: 'webgpu', halfPrecision: false })).toThrow('does not compute in halves');
  expect(() => modelFiles(plain, 'int8', { provider: 'wasm', halfPrecision: false })).toThrow('the bundle has no int8 model');
});
