/** @file Every engine, by the name that a config gives it. */
import type { Engine } from './engine.js';
import { createOnnxEngine, type OnnxEngineOptions } from './onnx.js';

export type EngineKind = 'onnx' | 'tfjs';

export const engines: { readonly [K in EngineKind]: (options: OnnxEngineOptions) => Promise<Engine> } = {
  onnx: createOnnxEngine,
  tfjs: async (options) => (await import('./tfjs.js')).createTfjsEngine(options),
};
