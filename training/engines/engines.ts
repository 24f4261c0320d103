/** @file Every engine, by the name that a config gives it. */
import type { Engine, EngineOptions } from './engine.js';
import { createOnnxEngine } from './onnx.js';

export type EngineKind = 'onnx' | 'tfjs';

export const engines: { readonly [K in EngineKind]: (options: EngineOptions) => Promise<Engine> } = {
  onnx: createOnnxEngine,
  tfjs: async (options) => (await import('./tfjs.js')).createTfjsEngine(options),
};
