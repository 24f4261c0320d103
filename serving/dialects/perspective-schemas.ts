/** @file What Perspective's clients send and read, for its two methods. */
import { z } from 'zod';

const textSchema = z.object({ text: z.string(), type: z.enum(['TEXT_TYPE_UNSPECIFIED', 'PLAIN_TEXT', 'HTML']).optional() });

const scoreSchema = z.object({ value: z.number(), type: z.literal('PROBABILITY') });

/** What both methods take besides, and what plays no part here: nothing is read but the comment. */
const common = {
  comment: textSchema.extend({ text: z.string().min(1) }),
  context: z.looseObject({}).optional(),
  /** ISO codes of the comment's language; echoed. */
  languages: z.array(z.string()).optional(),
  communityId: z.string().optional(),
  clientToken: z.string().optional(),
  sessionId: z.string().optional(),
};

export const analyzeRequestSchema = z.object({
  ...common,
  requestedAttributes: z
    .record(
      z.string().min(1),
      z.object({ scoreType: z.enum(['SCORE_TYPE_UNSPECIFIED', 'PROBABILITY']).optional(), scoreThreshold: z.number().optional() }),
    )
    .refine((attributes) => Object.keys(attributes).length > 0, 'no attribute is requested')
    .meta({ minProperties: 1 }),
  spanAnnotations: z.boolean().optional(),
  /** Nothing is stored by this method, whatever it says. */
  doNotStore: z.boolean().optional(),
});

export const analyzeResponseSchema = z.object({
  attributeScores: z.record(
    z.string(),
    z.object({
      /** UTF-16 offsets, the end exclusive. */
      spanScores: z.array(z.object({ begin: z.number().int(), end: z.number().int(), score: scoreSchema })),
      summaryScore: scoreSchema,
    }),
  ),
  languages: z.array(z.string()).optional(),
  clientToken: z.string().optional(),
});

const suggestedScore = z.object({ value: z.number().min(0).max(1), type: z.enum(['SCORE_TYPE_UNSPECIFIED', 'PROBABILITY']).optional() });

export const suggestRequestSchema = z.object({
  ...common,
  attributeScores: z
    .record(
      z.string().min(1),
      z.object({
        summaryScore: suggestedScore.optional(),
        spanScores: z
          .array(z.object({ begin: z.number().int().optional(), end: z.number().int().optional(), score: suggestedScore }))
          .optional(),
      }),
    )
    .refine((scores) => Object.keys(scores).length > 0, 'no score is suggested')
    .meta({ minProperties: 1 }),
});

export const suggestResponseSchema = z.object({ clientToken: z.string().optional(), requestedLanguages: z.array(z.string()).optional() });

export const googleErrorSchema = z.object({ error: z.object({ code: z.number().int(), message: z.string(), status: z.string() }) });
