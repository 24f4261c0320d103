/** @file `GET /info`: what this server is and what really computes in it. */
import { z } from 'zod';

const count = z.number().int().nonnegative();

export const servedModelSchema = z.object({
  name: z.string(),
  version: z.string(),
  default: z.boolean(),
  /** Of the file that runs. */
  precision: z.enum(['fp32', 'int8', 'fp16']),
  sha256: z.string(),
  /** Workers by what computes in them, such as `{"cuda": 2}`. */
  providers: z.record(z.string(), count),
  /** Why providers that were asked for before it do not compute, a sentence each. */
  fallbacks: z.array(z.string()),
  /** The operations of the model by what computed them, where the runtime was watched: only where another provider than the CPU was asked for. */
  operations: z.record(z.string(), count).optional(),
});

export const infoResponseSchema = z.object({
  service: z.literal('copydesk'),
  version: z.string(),
  node: z.string(),
  onnxruntime: z.string(),
  /** When it was started, ISO 8601. */
  started: z.string(),
  uptimeSeconds: z.number().nonnegative(),
  /** Threads: of one session. */
  workers: z.object({ wanted: count, alive: count, threads: count }),
  /** What was asked to compute, the first choice first. */
  providers: z.array(z.string()),
  models: z.array(servedModelSchema),
  /** Hash of the policy in force; `null` where each bundle decides by its own thresholds. */
  policy: z.string().nullable(),
  limits: z.record(z.string(), z.number()),
});

export type InfoResponse = z.infer<typeof infoResponseSchema>;
export type ServedModelInfo = z.infer<typeof servedModelSchema>;
