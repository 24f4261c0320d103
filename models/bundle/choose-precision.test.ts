import { expect, test } from 'vitest';
import { choosePrecision } from './choose-precision.js';

const [fp32, int8, fp16] = ['onnx/model.onnx', 'onnx/model_quantized.onnx', 'onnx/model_fp16.onnx'] as const;
const bundle = (models: { fp32: string; int8?: string; fp16?: string }) => ({ name: 'tiny', version: 'v1', models });

test('auto is int8 on processors and fp16 on graphics processors, where the bundle has them', () => {
  const all = bundle({ fp32, int8, fp16 });
  for (const provider of ['cpu', 'wasm'] as const) expect(choosePrecision(all, 'auto', provider)).toEqual({ precision: 'int8' });
  for (const provider of ['cuda', 'webgpu'] as const) expect(choosePrecision(all, 'auto', provider)).toEqual({ precision: 'fp16' });
  expect(choosePrecision(bundle({ fp32, fp16 }), 'auto', 'cpu')).toEqual({ precision: 'fp32' });
  expect(choosePrecision(bundle({ fp32, int8 }), 'auto', 'cuda')).toEqual({ precision: 'fp32' });
});

test('where a bundle lacks what is wanted, fp32 runs, and a sentence says so', () => {
  expect(choosePrecision(bundle({ fp32, int8 }), 'int8')).toEqual({ precision: 'int8' });
  expect(choosePrecision(bundle({ fp32 }), 'int8')).toEqual({
    precision: 'fp32',
    instead: 'tiny@v1 has no int8 file, only fp32: fp32 runs. copydesk export --precision int8 writes one.',
  });
});
