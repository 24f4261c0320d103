/** @file The queue of held texts: what is asked and answered under `/review`, and `POST /feedback`. Shared by server and page. */
import { z } from 'zod';
import { decisionSchema, ruleSchema } from './classify.js';

const model = z.string().min(1).max(200);
const label = z.string().min(1).max(200);
/** Names people, clients, and texts on the side of who sent them. */
const name = z.string().min(1).max(200);
const id = z.string().min(1).max(64);
const time = z.iso.datetime();

export const reviewStatuses = ['open', 'claimed', 'decided'] as const;

const actionSchema = z.enum(['publish', 'block']);

export const reviewItemSchema = z.object({
  id,
  status: z.enum(reviewStatuses),
  text: z.string(),
  pair: z.string().optional(),
  /** `name@version` of the model that was asked. */
  model: z.string(),
  /** What its verdict was. */
  decision: decisionSchema,
  label: z.string().optional(),
  /** Of a model that gives several. */
  labels: z.array(z.string()).optional(),
  scores: z.record(z.string(), z.number()),
  rule: ruleSchema,
  policy: z.string().optional(),
  /** Who asked first: the id of a key, or an address. */
  client: z.string().optional(),
  language: z.string().optional(),
  /** What that caller calls the text. */
  ref: z.string().optional(),
  created: time,
  /** How often the same text was held while this item was open, and when last. */
  seen: z.number().int(),
  lastSeen: time,
  claim: z.object({ by: z.string(), until: time }).optional(),
  outcome: z
    .object({
      action: actionSchema.optional(),
      label: z.string().optional(),
      labels: z.array(z.string()).optional(),
      note: z.string().optional(),
      by: z.string(),
      at: time,
    })
    .optional(),
});
export type ReviewItem = z.infer<typeof reviewItemSchema>;

export const reviewFilterSchema = z.strictObject({ status: z.enum(reviewStatuses), label, model, client: name }).partial();
export type ReviewFilter = z.infer<typeof reviewFilterSchema>;

export const reviewListQuery = {
  ...reviewFilterSchema.shape,
  limit: z.number().int().min(1).max(200).default(50),
  /** `next` of the page before. */
  cursor: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
};
export const reviewListSchema = z.object({
  items: z.array(reviewItemSchema),
  /** For `cursor`; absent on the last page. */
  next: z.string().optional(),
});

/** Whose claim it is. Several people behind one key tell themselves apart by it. */
const reviewer = z.string().min(1).max(64);

export const claimRequestSchema = z.strictObject({
  count: z.number().int().min(1).max(100).default(1),
  reviewer: reviewer.optional(),
  label: label.optional(),
  model: model.optional(),
  /** Also what this reviewer holds already, first: for one whose page was closed. */
  resume: z.boolean().default(false),
  leaseSeconds: z.number().int().min(10).max(86_400).optional(),
});
export const claimResponseSchema = z.object({
  items: z.array(reviewItemSchema),
  /** Items that wait for somebody, these not counted. */
  open: z.number().int(),
});

export const decisionRequestSchema = z.strictObject({
  action: actionSchema.optional(),
  label: label.optional(),
  labels: z.array(label).max(100).optional(),
  note: z.string().max(2_000).optional(),
  reviewer: reviewer.optional(),
});
export type DecisionRequest = z.infer<typeof decisionRequestSchema>;

export const releaseRequestSchema = z.strictObject({ reviewer: reviewer.optional() });

/** One of three. */
export const eraseRequestSchema = z.union([z.strictObject({ id }), z.strictObject({ text: z.string() }), z.strictObject({ client: name })]);
export type EraseRequest = z.infer<typeof eraseRequestSchema>;
export const eraseResponseSchema = z.object({
  /** Items and suggestions that are gone. */
  erased: z.number().int(),
  /** Whether the files were rewritten, so that nothing of them is left in there. */
  cleaned: z.boolean(),
});

export const exportFilterSchema = z
  .object({
    source: z.enum(['review', 'feedback']),
    model,
    client: name,
    /** Only what was decided or suggested from then on. */
    since: time,
  })
  .partial();
export const exportQuery = exportFilterSchema.shape;
export type ExportFilter = z.infer<typeof exportFilterSchema>;

export const feedbackRequestSchema = z.strictObject({
  text: z.string(),
  pair: z.string().optional(),
  /** What the text should have been; one of the three. */
  label: label.optional(),
  labels: z.array(label).max(100).optional(),
  scores: z.record(label, z.number().min(0).max(1)).optional(),
  /** `name` or `name@version`; default: the server's default model. */
  model: model.optional(),
  note: z.string().max(2_000).optional(),
  /** The same one of the same client again changes nothing. */
  idempotencyKey: name.optional(),
});
export type FeedbackRequest = z.infer<typeof feedbackRequestSchema>;
export const feedbackResponseSchema = z.object({
  id,
  /** Whether it was here already, by its `idempotencyKey`. */
  repeated: z.boolean(),
});
