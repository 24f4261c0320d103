/** @file What can be set when a server starts. Defaults are here and nowhere else. */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { limitsSchema } from '../desk/index.js';

const count = z.number().int().positive();

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

export type ServerOptions = z.input<typeof serverOptionsSchema>;
export type ResolvedServerOptions = z.infer<typeof serverOptionsSchema>;
