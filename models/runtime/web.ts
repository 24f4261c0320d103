/** @file Sessions in a browser on its processor, over onnxruntime-web (WebAssembly): the smallest build of the runtime. */
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { type CreateWebSession, webSessions } from './web-sessions.js';

export type { CreateWebSession, WebSessionOptions } from './web-sessions.js';

export const createSession: CreateWebSession = webSessions(
  { env, InferenceSession, Tensor },
  'this build of the runtime is without WebGPU',
);
