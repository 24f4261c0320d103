/** @file The routes of the queue of held texts as data, for `/openapi.json`. */
import { z } from 'zod';
import {
  claimRequestSchema,
  claimResponseSchema,
  decisionRequestSchema,
  eraseRequestSchema,
  eraseResponseSchema,
  errorResponseSchema,
  exportQuery,
  feedbackRequestSchema,
  feedbackResponseSchema,
  type Operation,
  releaseRequestSchema,
  reviewItemSchema,
  reviewListQuery,
  reviewListSchema,
} from '../../protocol/index.js';

const example = { text: 'The council voted on Tuesday to repair the harbour wall' };

/** Lines of JSON, as training files have them. */
export const linesType = 'application/x-ndjson';

/** The one schema of each body says that a field may be absent; these say which do not go together. */
const decided = decisionRequestSchema.shape;
const decisionBodySchema = z.union([
  decisionRequestSchema.omit({ labels: true }).extend({ action: decided.action.unwrap() }),
  decisionRequestSchema.omit({ labels: true }).extend({ label: decided.label.unwrap() }),
  decisionRequestSchema.omit({ label: true }).extend({ labels: decided.labels.unwrap() }),
]);
const { label, labels, scores } = feedbackRequestSchema.shape;
const unsaid = feedbackRequestSchema.omit({ label: true, labels: true, scores: true });
const feedbackBodySchema = z.union([
  unsaid.extend({ label: label.unwrap() }),
  unsaid.extend({ labels: labels.unwrap() }),
  unsaid.extend({ scores: scores.unwrap().meta({ minProperties: 1 }) }),
]);

export const reviewOperations = {
  list: {
    method: 'GET',
    path: '/review',
    name: 'review',
    summary: 'Held texts, the oldest first; to a browser, the page for reviewers',
    scope: 'review',
    query: reviewListQuery,
    answers: { 200: [reviewListSchema, 'text/html'], 400: errorResponseSchema },
    refusals: ['access', 'store'],
  },
  claim: {
    method: 'POST',
    path: '/review/claim',
    name: 'review-claim',
    summary: 'The next texts for a reviewer: nobody else gets them until they are decided, let go, or the claim ends',
    scope: 'review',
    request: claimRequestSchema,
    example: { count: 1, reviewer: 'ana' },
    answers: { 200: claimResponseSchema },
    refusals: ['access', 'body', 'store'],
  },
  decide: {
    method: 'POST',
    path: '/review/{id}/decision',
    name: 'review-decide',
    summary: 'What is done with a text, and what it really is; 409 where somebody else has claimed it, or it is decided',
    scope: 'review',
    request: decisionBodySchema,
    example: { action: 'publish', label: 'news', note: 'a quotation', reviewer: 'ana' },
    answers: { 200: reviewItemSchema },
    refusals: ['access', 'body', 'item', 'label', 'store'],
  },
  release: {
    method: 'POST',
    path: '/review/{id}/release',
    name: 'review-release',
    summary: 'Lets a text go that was claimed',
    scope: 'review',
    request: releaseRequestSchema,
    example: { reviewer: 'ana' },
    answers: { 200: reviewItemSchema },
    refusals: ['access', 'body', 'item', 'store'],
  },
  export: {
    method: 'GET',
    path: '/review/export',
    name: 'review-export',
    summary: 'Decisions and suggestions that say a label, as the lines of a training file',
    scope: 'review',
    query: exportQuery,
    answers: { 200: linesType, 400: errorResponseSchema },
    refusals: ['access', 'store'],
  },
  erase: {
    method: 'POST',
    path: '/review/erase',
    name: 'review-erase',
    summary: 'Erases an item, a text, or all that one client sent, from the file and what lies beside it',
    scope: 'admin',
    request: eraseRequestSchema,
    example,
    answers: { 200: eraseResponseSchema },
    refusals: ['access', 'body', 'store'],
  },
  feedback: {
    method: 'POST',
    path: '/feedback',
    name: 'feedback',
    summary: 'Says what a text should have been',
    scope: 'feedback',
    request: feedbackBodySchema,
    example: { ...example, label: 'news' },
    answers: { 200: feedbackResponseSchema },
    refusals: ['access', 'body', 'model', 'label', 'texts', 'store'],
  },
} as const satisfies Record<string, Operation>;
