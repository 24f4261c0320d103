/**
 * @file Sessions in a browser on its GPU, over the build of onnxruntime-web with WebGPU; it has WebAssembly too, and is larger for it. Of the two
 * builds with WebGPU it is the one for browsers whose WebAssembly can wait for a promise (JSPI: Chromium since 137): it is two thirds of the other's
 * size, and does not pay at every call for being able to wait.
 */
import { env, InferenceSession, Tensor } from 'onnxruntime-web/jspi';
import { type CreateWebSession, webSessions } from './web-sessions.js';

export const createSession: CreateWebSession = webSessions({ env, InferenceSession, Tensor }, null);
