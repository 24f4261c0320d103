/** @file How much is taken on at once, and for how long. Defaults are here and nowhere else. */
import { z } from 'zod';
import { usualCalls } from '../explain/index.js';

const count = z.number().int().positive();

export const limitsSchema = z.strictObject({
  /** Bytes in a request's body. */
  bodyBytes: count.default(1_048_576),
  /** Arrays and objects inside one another, in a request's body. */
  jsonDepth: count.default(32),
  /** Bytes in a file of texts that is sent as a job. */
  jobBytes: count.default(1_073_741_824),
  /** Milliseconds that such a file may take to arrive. */
  jobMs: count.default(3_600_000),
  /** Bytes of all request bodies in hand together: those that are still coming, and those whose answer is. */
  queueBytes: count.default(268_435_456),
  /** Connections at once. */
  connections: count.default(2_048),
  /** Milliseconds that a request's headers may take to arrive. */
  headersMs: count.default(10_000),
  /** Milliseconds that a whole request may take to arrive. */
  requestMs: count.default(30_000),
  /** Milliseconds that a connection may stay open between two requests; longer than a proxy before it keeps one. */
  keepAliveMs: count.default(65_000),
  /** Milliseconds in which a connection in use must move a byte, either way: a client that reads nothing loses it. More than a request may wait. */
  stallMs: count.default(120_000),
  /** Texts in one request. */
  texts: count.default(256),
  /** UTF-16 code units in one text. */
  characters: count.default(50_000),
  /** Texts that may wait, of all requests together. */
  queueTexts: count.default(1_024),
  /** Tokens that may wait, of all requests together. */
  queueTokens: count.default(65_536),
  /** Milliseconds in which a request is answered or refused; it may allow less (`timeout_ms`), not more. */
  waitMs: count.default(30_000),
  /** Texts in one batch. */
  batchTexts: count.default(32),
  /** Tokens in one batch, padding included. */
  batchTokens: count.default(2_048),
  /** Milliseconds that a batch of several texts may take on one worker, by what earlier ones took: whoever comes next waits for it. */
  batchMs: count.default(60),
  /** What starting a batch costs, in tokens, until it has been measured: with MiniLM on a CPU core, 2.1 ms where a token takes 0.21 ms. */
  batchOverheadTokens: count.default(10),
  /** Bytes of answers that are kept, by hash of bundle and text, for when the same text comes again. 0: none are. */
  cacheBytes: z.number().int().nonnegative().default(0),
  /** Texts of one request that are explained at most. 0: none are. */
  explainTexts: z.number().int().nonnegative().default(8),
  /** Texts that the model is asked for one explanation, at most; a pair that is read in both orders counts twice, a point of the way of its gradient three times. */
  explainCalls: z.number().int().min(8).default(usualCalls),
  /** Milliseconds that the explanations of a request may take after its verdicts, within the time that it gives. */
  explainMs: count.default(5_000),
  /** Models that may be loaded at once. */
  models: count.default(16),
  /** Milliseconds that accepted work is given to finish after a request to stop. */
  drainMs: count.default(10_000),
});

export type Limits = z.infer<typeof limitsSchema>;
