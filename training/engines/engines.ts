/** @file Every engine, by the name that a config gives it. */
import type { Engine, EngineOptions } from './engine.js';
import { createOnnxEngine } from './onnx.js';

export const engineKinds = ['onnx', 'webgpu', 'tensorflow', 'tfjs'] as const;
export type EngineKind = (typeof engineKinds)[number];

export const engines: { readonly [K in EngineKind]: (options: EngineOptions) => Promise<Engine> } = {
  onnx: createOnnxEngine,
  webgpu: async (options) => (await import('./webgpu.js')).createWebGpuEngine(options),
  tensorflow: async (options) => (await import('./tensorflow/tensorflow.js')).createTensorflowEngine(options),
  tfjs: async (options) => (await import('./tfjs.js')).createTfjsEngine(options),
};
