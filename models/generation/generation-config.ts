import { z } from 'zod';

const count = z.number().int().positive();

const common = {
  maxNewTokens: count.default(64),
  /** Ends a sequence; it is kept as its last token. */
  endToken: z.number().int().min(0).optional(),
  /** No run of this many tokens comes twice in a sequence, prompt included; 0: anything may. */
  noRepeatNgram: z.number().int().min(0).default(0),
};

const greedy = z.strictObject({ kind: z.literal('greedy'), ...common });

const beam = z.strictObject({
  kind: z.literal('beam'),
  ...common,
  beams: count.default(3),
  /** Finished sequences are compared by log-probability / new tokens ^ this: above 0 favours long ones. */
  lengthPenalty: z.number().default(1),
  /** Whether to stop at as many finished sequences as there are beams; else when no unfinished one is likely to do better. */
  earlyStopping: z.boolean().default(false),
});

const sample = z.strictObject({
  kind: z.literal('sample'),
  ...common,
  /** Logits are divided by it: below 1 the likely becomes likelier. */
  temperature: z.number().positive().default(1),
  /** Only this many of the likeliest tokens; 0: all. */
  topK: z.number().int().min(0).default(0),
  /** Only the likeliest tokens that together have this probability. */
  topP: z.number().gt(0).max(1).default(1),
});

/** How a sequence is written on. */
export const generationSchema = z.discriminatedUnion('kind', [greedy, beam, sample]);
export type GenerationConfig = z.infer<typeof generationSchema>;
export type GreedyConfig = z.infer<typeof greedy>;
export type BeamConfig = z.infer<typeof beam>;
export type SampleConfig = z.infer<typeof sample>;
