/** @file How much is taken on at once, and for how long. Defaults are here and nowhere else. */
import { z } from 'zod';

const count = z.number().int().positive();

export const limitsSchema = z.strictObject({
  /** Bytes in a request's body. */
  bodyBytes: count.default(1_048_576),
  /** Texts in one request. */
  texts: count.default(256),
  /** UTF-16 code units in one text. */
  characters: count.default(50_000),
  /** Texts that may wait, of all requests together. */
  queueTexts: count.default(1_024),
  /** Tokens that may wait, of all requests together. */
  queueTokens: count.default(65_536),
  /** Milliseconds after which a text that still waits is given up. */
  waitMs: count.default(30_000),
  /** Texts in one batch. */
  batchTexts: count.default(32),
  /** Tokens in one batch, padding included. */
  batchTokens: count.default(2_048),
  /** What starting a batch costs, in tokens: with MiniLM on a CPU core, 2.1 ms where a token takes 0.21 ms. */
  batchOverheadTokens: count.default(10),
  /** Milliseconds that accepted work is given to finish after a request to stop. */
  drainMs: count.default(10_000),
});

export type Limits = z.infer<typeof limitsSchema>;
