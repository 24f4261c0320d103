/** @file The routes of jobs as data, for `/openapi.json`. */
import { z } from 'zod';
import { jobFormats, jobListSchema, jobSchema } from '../../jobs/index.js';
import { classifyRequestSchema, type Operation } from '../../protocol/index.js';

const field = z.string().min(1).max(200).optional();

export const jobQuery = {
  /** NAME or NAME@VERSION; default: the server's default model. */
  model: z.string().min(1).max(200).optional(),
  /** Of the result. */
  format: z.enum(jobFormats).default('jsonl'),
  /** What the file calls the text. */
  text: field,
  /** What it calls the second of a pair. */
  pair: field,
  /** Of the texts: which word lists are for them. */
  language: classifyRequestSchema.shape.language,
};

export const jobHeaders = {
  'idempotency-key': z.string().min(1).max(255).optional(),
};

/** One that is not understood is ignored, as RFC 9110 has it. */
const range = { range: z.string().optional() };
const lines = ['application/x-ndjson', 'text/csv'];
const one = { scope: 'jobs', params: { id: z.string().min(1) } } as const;

export const jobOperations = {
  create: {
    method: 'POST',
    path: '/jobs',
    name: 'jobs-create',
    summary: 'Take on a file of texts, to be answered when there is nothing more urgent',
    scope: 'jobs',
    query: jobQuery,
    headers: jobHeaders,
    files: {
      'application/x-ndjson': '{"text": "The council voted on Tuesday"}\n{"text": "You will never guess why", "id": 7}\n',
      'text/csv': 'text,id\nThe council voted on Tuesday,1\n',
      'text/plain': 'The council voted on Tuesday\n',
    },
    answers: { 202: jobSchema },
    refusals: ['access', 'body', 'upload', 'model'],
  },
  list: {
    method: 'GET',
    path: '/jobs',
    name: 'jobs',
    summary: 'Your jobs, the newest first',
    scope: 'jobs',
    answers: { 200: jobListSchema },
    refusals: ['access'],
  },
  find: {
    ...one,
    method: 'GET',
    path: '/jobs/{id}',
    name: 'job',
    summary: 'How far a job is',
    answers: { 200: jobSchema },
    refusals: ['access', 'job'],
  },
  cancel: {
    ...one,
    method: 'POST',
    path: '/jobs/{id}/cancel',
    name: 'jobs-cancel',
    summary: 'End a job; its texts and answers are erased, and that it was there can still be seen',
    answers: { 200: jobSchema },
    refusals: ['access', 'job'],
  },
  remove: {
    ...one,
    method: 'DELETE',
    path: '/jobs/{id}',
    name: 'jobs-delete',
    summary: 'Erase a job with its texts and answers; one that has not ended is ended first',
    answers: { 200: jobSchema },
    refusals: ['access', 'job'],
  },
  result: {
    ...one,
    method: 'GET',
    path: '/jobs/{id}/result',
    name: 'jobs-result',
    summary: 'The answers of a job that is done, in the order of its texts',
    headers: range,
    answers: { 200: lines, 206: lines },
    refusals: ['access', 'job', 'range'],
  },
  errors: {
    ...one,
    method: 'GET',
    path: '/jobs/{id}/errors',
    name: 'jobs-errors',
    summary: 'The lines of a job that held no text: their numbers, and what was wrong',
    headers: range,
    answers: { 200: 'application/x-ndjson', 206: 'application/x-ndjson' },
    refusals: ['access', 'job', 'range'],
  },
} as const satisfies Readonly<Record<string, Operation>>;

export const jobOperationList: readonly Operation[] = Object.values(jobOperations);
