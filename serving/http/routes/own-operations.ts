/** @file Our own routes as data, for `/openapi.json`. */
import { z } from 'zod';
import {
  classifyRequestSchema,
  classifyResponseSchema,
  infoResponseSchema,
  modelsResponseSchema,
  type Operation,
} from '../../protocol/index.js';

const { text, texts, inputs } = classifyRequestSchema.shape;

/** The one schema of the body says that each field may be absent; these say that one of three must be there. */
const classifyBodySchema = z.union([
  classifyRequestSchema.omit({ texts: true, inputs: true }).extend({ text: text.unwrap() }),
  classifyRequestSchema.omit({ text: true, pair: true, inputs: true, id: true }).extend({ texts: texts.unwrap() }),
  classifyRequestSchema.omit({ text: true, pair: true, texts: true, id: true }).extend({ inputs: inputs.unwrap() }),
]);

const readySchema = z.object({ ready: z.boolean(), draining: z.literal(true).optional(), review: z.enum(['up', 'down']).optional() });

export const ownOperations: readonly Operation[] = [
  {
    method: 'POST',
    path: '/classify',
    name: 'classify',
    summary: 'Verdicts of texts: label, scores, and what to do',
    scope: 'classify',
    request: classifyBodySchema,
    example: { text: 'The council voted on Tuesday to repair the harbour wall' },
    answers: { 200: classifyResponseSchema },
    refusals: ['access', 'body', 'model', 'label', 'texts'],
  },
  {
    method: 'GET',
    path: '/models',
    name: 'models',
    summary: 'The models that can be asked',
    scope: 'classify',
    answers: { 200: modelsResponseSchema },
    refusals: ['access'],
  },
  {
    method: 'GET',
    path: '/info',
    name: 'info',
    summary: 'What this server is, and what really computes in it',
    scope: 'classify',
    answers: { 200: infoResponseSchema },
    refusals: ['access'],
  },
  {
    method: 'GET',
    path: '/health/live',
    name: 'live',
    summary: 'Whether the server runs',
    answers: { 200: z.object({ live: z.literal(true) }) },
    refusals: [],
  },
  {
    method: 'GET',
    path: '/health/ready',
    name: 'ready',
    summary: 'Whether every model can be asked',
    answers: { 200: readySchema, 503: readySchema },
    refusals: [],
  },
  {
    method: 'GET',
    path: '/metrics',
    name: 'metrics',
    summary: 'What was counted, for Prometheus',
    scope: 'metrics',
    answers: { 200: 'text/plain' },
    refusals: ['access'],
  },
];
