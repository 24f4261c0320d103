/** @file `POST /classify`: what may be asked and what is answered. Shared by server and client. */
import { z } from 'zod';
import { type LabelVerdict, nearest, type TextInput, type ValueVerdict, type Verdict } from '../../models/index.js';
import { ServiceError } from './errors.js';
import { type ExplainAsk, type Explained, explainAsk, explainedShape, explainSchema } from './explanation.js';
import { type Held, heldSchema, referenceSchema } from './held.js';
import { shown } from './shown.js';

/** A text, or two that are read together. */
const itemSchema = z.union([z.string(), z.strictObject({ text: z.string(), pair: z.string().optional(), id: referenceSchema.optional() })]);

export const classifyRequestSchema = z.strictObject({
  text: z.string().optional(),
  /** The second text of a pair; only with `text`. */
  pair: z.string().optional(),
  texts: z.array(itemSchema).min(1).optional(),
  /** The name other services use for `text` or `texts`. */
  inputs: z.union([z.string(), z.array(itemSchema).min(1)]).optional(),
  /** `name` or `name@version`; default: the server's default model. */
  model: z.string().optional(),
  /** Milliseconds in which the answer must be there; what cannot be done by then is refused before it costs anything. */
  timeout_ms: z.number().int().positive().optional(),
  /** Of the texts, as BCP 47 has it (`en`, `zh-Hant`): which word lists are for them. */
  language: z
    .string()
    .regex(/^[a-z]{2,3}(-[a-z0-9]{1,8})*$/i)
    .max(35)
    .optional(),
  /** Whether each verdict says which words made it, and for which label. */
  explain: explainSchema.optional(),
  /** What the caller calls `text`; of several, each has its own. Comes back with a text that was held, and its decision. */
  id: referenceSchema.optional(),
  /** Keeps a held text out of the queue for reviewers. */
  do_not_store: z.boolean().optional(),
});

export type ClassifyRequest = z.infer<typeof classifyRequestSchema>;

export const decisionSchema = z.enum(['publish', 'review', 'block']);

export const ruleSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('threshold'), label: z.string(), threshold: z.number() }),
  z.object({ kind: z.literal('word'), list: z.string(), word: z.string() }),
  z.object({ kind: z.literal('allowed'), list: z.string(), word: z.string(), label: z.string(), threshold: z.number() }),
]);

const everyVerdict = {
  decision: decisionSchema,
  threshold: z.number().nullable(),
  decidedBy: z.string().nullable(),
  /** What decided. */
  rule: ruleSchema,
  /** Where the policy only watches: what it would have decided. */
  observed: decisionSchema.optional(),
  /** The policy file that decided, as NAME@VERSION or NAME/VARIANT@VERSION. */
  policy: z.string().optional(),
  model: z.string(),
  version: z.string(),
  truncated: z.literal(true).optional(),
  ...explainedShape,
  /** Of a held text, where the server has a queue for reviewers: whether it is in there. */
  review: heldSchema.optional(),
};

export const labelVerdictSchema = z.object({
  label: z.string(),
  score: z.number(),
  /** Multi-label only. */
  labels: z.array(z.string()).optional(),
  scores: z.record(z.string(), z.number()),
  ...everyVerdict,
});

/** Of a regression. */
export const valueVerdictSchema = z.object({ value: z.number().optional(), values: z.record(z.string(), z.number()), ...everyVerdict });

export const verdictSchema = z.union([labelVerdictSchema, valueVerdictSchema]);

/** For a single text the verdict's fields also stand at the top level. */
export const classifyResponseSchema = z.object({
  ...labelVerdictSchema.partial().shape,
  ...valueVerdictSchema.partial().shape,
  model: z.string(),
  version: z.string(),
  results: z.array(verdictSchema),
});

/** `Explained` where the request wanted it. */
export type AnsweredVerdict = (Verdict | (Verdict & Explained)) & { readonly review?: Held };

export type ClassifyResponse = {
  readonly model: string;
  readonly version: string;
  readonly results: readonly AnsweredVerdict[];
} & Partial<LabelVerdict> &
  Partial<ValueVerdict>;

export type RequestLimits = {
  /** Texts in one request. */
  readonly texts: number;
  /** UTF-16 code units in one text; of a pair, in each. */
  readonly characters: number;
};

/** What a request comes to. `single`: one text was sent as a string, not in an array. */
export type ParsedRequest = {
  readonly texts: readonly TextInput[];
  readonly single: boolean;
  readonly model: string | undefined;
  readonly language: string | undefined;
  readonly timeoutMs: number | undefined;
  readonly explain: ExplainAsk | undefined;
  /** What the caller calls each text, where it calls one something. */
  readonly refs: readonly (string | undefined)[] | undefined;
  /** `false`: a held text is not to be kept. */
  readonly keep: false | undefined;
};

/**
 * Checks a decoded JSON body.
 *
 * @throws ServiceError `invalid-request`, `too-many-texts` or `text-too-long`, naming the field and index at fault
 */
export function parseClassifyRequest(body: unknown, limits: RequestLimits): ParsedRequest {
  const parsed = classifyRequestSchema.safeParse(body);
  if (!parsed.success) throw explain(body);
  const { text, pair, texts, inputs, model, language, timeout_ms: timeoutMs, explain: wanted, id, do_not_store: forget } = parsed.data;
  const given = [text, texts, inputs].filter((value) => value !== undefined);
  if (given.length !== 1) throw invalid(`${given.length === 0 ? 'none' : 'more than one'} of "text", "texts" and "inputs" was given`);
  if (pair !== undefined && text === undefined)
    throw invalid('"pair" was given without "text"', 'send {"text": "…", "pair": "…"} or {"texts": [{"text": "…", "pair": "…"}]}');
  if (id !== undefined && text === undefined)
    throw invalid('"id" was given without "text"', 'send {"text": "…", "id": "…"} or {"texts": [{"text": "…", "id": "…"}]}');
  const [value] = given as [string | Item[]];
  const items = typeof value === 'string' ? [{ text: value, pair, id }] : value;
  const list = items.map(toInput);
  checkTexts(list, limits);
  const refs = items.map((item) => (typeof item === 'string' ? undefined : item.id));
  const named = refs.some((ref) => ref !== undefined) ? refs : undefined;
  const single = typeof value === 'string';
  return { texts: list, single, model, language, timeoutMs, explain: explainAsk(wanted), refs: named, keep: forget ? false : undefined };
}

/** @throws ServiceError `too-many-texts` or `text-too-long`, naming the index at fault */
export function checkTexts(texts: readonly TextInput[], limits: RequestLimits): void {
  if (texts.length > limits.texts) {
    const what = `the request holds ${texts.length} texts; at most ${limits.texts} are accepted`;
    throw new ServiceError('too-many-texts', what, `send them in requests of up to ${limits.texts} texts`);
  }
  const lengths = texts.map((one) => (typeof one === 'string' ? one.length : Math.max(one[0].length, one[1].length)));
  const long = lengths.findIndex((length) => length > limits.characters);
  if (long < 0) return;
  const what = `text ${long} has ${lengths[long]} characters; at most ${limits.characters} are accepted`;
  throw new ServiceError('text-too-long', what, 'shorten the text, or start the server with a higher limit');
}

type Item = z.infer<typeof itemSchema>;

function toInput(item: Item): TextInput {
  if (typeof item === 'string') return item;
  return item.pair === undefined ? item.text : [item.text, item.pair];
}

export function classifyResponse(verdicts: readonly AnsweredVerdict[], single: boolean): ClassifyResponse {
  const [first] = verdicts as [AnsweredVerdict, ...AnsweredVerdict[]];
  return { ...(single ? first : {}), model: first.model, version: first.version, results: verdicts };
}

const example = 'send {"text": "…"} or {"texts": ["…", "…"]}';
const invalid = (what: string, fix = example): ServiceError => new ServiceError('invalid-request', what, fix);

/** Why the schema refused `body`, in words. */
function explain(body: unknown): ServiceError {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return invalid(`the body is ${nameOf(body)}, not a JSON object`);
  const known = Object.keys(classifyRequestSchema.shape);
  for (const [key, value] of Object.entries(body)) {
    if (!known.includes(key)) {
      const meant = nearest(key, known);
      const fix = meant ? `did you mean "${meant}"? Otherwise leave it out` : `known fields are ${known.join(', ')}`;
      return invalid(`unknown field ${shown(key, 'in the request')}`, fix);
    }
    const wrong = wrongValue(key, value);
    if (wrong) return wrong;
  }
  return invalid('the request does not have the expected form');
}

function wrongValue(key: string, value: unknown): ServiceError | undefined {
  if (key === 'language' && typeof value === 'string' && !classifyRequestSchema.shape.language.safeParse(value).success)
    return invalid('"language" is no language tag', 'send one such as "en" or "zh-Hant", or leave it out');
  if (key === 'timeout_ms') {
    if (classifyRequestSchema.shape.timeout_ms.safeParse(value).success) return undefined;
    const what = typeof value === 'number' ? 'is no whole number above 0' : `is ${nameOf(value)}, not a number`;
    return invalid(`"timeout_ms" ${what}`, 'send milliseconds, such as 500, or leave it out');
  }
  if (key === 'explain')
    return explainSchema.safeParse(value).success ? undefined : invalid('"explain" is neither true, false nor {"label": "…"}', 'send "explain": true, or leave it out'); // biome-ignore format: one idea
  if (key === 'do_not_store' && typeof value !== 'boolean')
    return invalid(`"do_not_store" is ${nameOf(value)}, not true or false`, 'send "do_not_store": true, or leave it out');
  if (key === 'id' && typeof value === 'string' && !referenceSchema.safeParse(value).success)
    return invalid('"id" is empty or longer than 200 characters', 'send what you call the text, or leave it out');
  const listed = key === 'texts' || key === 'inputs';
  if (typeof value === 'string')
    return key === 'texts' ? invalid('"texts" is a string, not an array', 'put a single text in "text"') : undefined;
  if (!listed) return invalid(`"${key}" is ${nameOf(value)}, not a string`, key === 'text' ? example : 'send a name, or name@version');
  if (!Array.isArray(value)) return invalid(`"${key}" is ${nameOf(value)}, not an array of strings`);
  if (value.length === 0) return invalid(`"${key}" is empty`, 'send at least one text');
  const at = value.findIndex((one) => !itemSchema.safeParse(one).success);
  if (at < 0) return undefined;
  const item: unknown = value[at];
  const what = typeof item === 'object' && item !== null && !Array.isArray(item) ? 'an object of another form' : nameOf(item);
  return invalid(`"${key}"[${at}] is ${what}, not a string`, 'send every text as a JSON string, or a pair as {"text": "…", "pair": "…"}');
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'empty';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
