/** @file Other services' protocols, spoken by ours. */
import type { Dialect } from './dialect.js';
import { openInference } from './open-inference.js';
import { openai } from './openai.js';
import { perspective } from './perspective.js';
import { tei } from './tei.js';
import { vllm } from './vllm.js';

export type * from './dialect.js';
export { invalidRequest, parseBody } from './parse-body.js';

export const dialects: readonly Dialect[] = [openInference, openai, perspective, tei, vllm];
