/** @file Why a text got its scores: what may be asked, and what is answered. Shared by server and client. */
import { z } from 'zod';

/**
 * How words are weighed. `integrated-gradients`: what each word adds on the way from no words to the text. `occlusion`: what is lost without it.
 */
export const explanationMethodSchema = z.enum(['integrated-gradients', 'occlusion']);

/**
 * `label`: the one whose score is explained. Default: the label that decided, else the predicted one.
 * `method`: default the first that the model can be asked by; where it cannot, the other one answers, and says so.
 */
export const explainSchema = z.union([
  z.boolean(),
  z.strictObject({ label: z.string().min(1).optional(), method: explanationMethodSchema.optional() }),
]);

export const spanSchema = z.object({
  /** Which of the two texts of a pair; `text` for a single one. */
  of: z.enum(['text', 'pair']),
  /** First UTF-16 code unit, in the text as it was sent. */
  start: z.number().int().nonnegative(),
  /** One past the last. */
  end: z.number().int().nonnegative(),
  /** `passage`: several words that were weighed together. */
  kind: z.enum(['word', 'passage']),
  /** What this span is worth to the label, in `unit`: above 0 it speaks for it, below 0 against it. By occlusion, `whole` less what is left without it. */
  weight: z.number(),
});

export const explanationSchema = z.object({
  method: explanationMethodSchema,
  label: z.string(),
  /** `log-odds` of the score (natural logarithm); of a regression, its `value`. */
  unit: z.enum(['log-odds', 'value']),
  /** Of the whole text, in `unit`. */
  whole: z.number(),
  /** Of the text with nothing left in it: without any word, or with every word as little as padding. */
  empty: z.number(),
  /** In the order of the text, none inside another. What is in none was not read, or is no more than white space. */
  spans: z.array(spanSchema),
});

/** Why a text that was to be explained is not: no time, too much else to do, the model failed on a part of it, or the server never does. */
export const unexplainedSchema = z.enum(['time', 'busy', 'failed', 'off']);

/** Fields of a verdict that was to be explained; one of them is there. */
export const explainedShape = { explanation: explanationSchema.optional(), unexplained: unexplainedSchema.optional() };

export type Explanation = Readonly<Omit<z.infer<typeof explanationSchema>, 'spans'>> & { readonly spans: readonly Span[] };
export type ExplanationMethod = z.infer<typeof explanationMethodSchema>;
export type Span = Readonly<z.infer<typeof spanSchema>>;
export type Unexplained = z.infer<typeof unexplainedSchema>;
export type Explained = { readonly explanation: Explanation } | { readonly unexplained: Unexplained };

/** What a request asks to be explained; `undefined`: nothing. */
export type ExplainAsk = { readonly label?: string | undefined; readonly method?: ExplanationMethod | undefined };

export function explainAsk(given: z.infer<typeof explainSchema> | undefined): ExplainAsk | undefined {
  if (given === undefined || given === false) return undefined;
  return given === true ? {} : given;
}
