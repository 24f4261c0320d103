/** @file What can be set when a server starts. Defaults are here and nowhere else. */
import { availableParallelism } from 'node:os';
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

export const serverOptionsSchema = z.strictObject({
  /** Folders of bundles. */
  models: z.array(z.string()).min(1),
  /** `name` or `name@version` for requests that name none. Default: the first found. */
  defaultModel: z.string().optional(),
  host: z.string().default('127.0.0.1'),
  /** 0: any free port. Unset: 8000, or the next one that is free. */
  port: z.number().int().min(0).max(65_535).optional(),
  /** Worker threads. */
  workers: count.default(() => availableParallelism()),
  limits: limitsSchema.default(() => limitsSchema.parse({})),
  logLevel: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
  /** Folder of the built page. Default: where the build puts it. */
  page: z.string().optional(),
  /** Whether SIGTERM and SIGINT drain the server. */
  signals: z.boolean().default(false),
});

export type Limits = z.infer<typeof limitsSchema>;
export type ServerOptions = z.input<typeof serverOptionsSchema>;
export type ResolvedServerOptions = z.infer<typeof serverOptionsSchema>;
