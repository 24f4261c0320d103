/** @file `POST /classify`: what may be asked and what is answered. Shared by server and client. */
import { z } from 'zod';
import { nearest, type Verdict } from '../../models/index.js';
import { ServiceError } from './errors.js';

export const classifyRequestSchema = z.strictObject({
  text: z.string().optional(),
  texts: z.array(z.string()).min(1).optional(),
  /** The name other services use for `text` or `texts`. */
  inputs: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  /** `name` or `name@version`; default: the server's default model. */
  model: z.string().optional(),
});

export type ClassifyRequest = z.infer<typeof classifyRequestSchema>;

export const verdictSchema = z.object({
  label: z.string(),
  score: z.number(),
  scores: z.record(z.string(), z.number()),
  decision: z.enum(['publish', 'review', 'block']),
  threshold: z.number().nullable(),
  decidedBy: z.string().nullable(),
  model: z.string(),
  version: z.string(),
  truncated: z.literal(true).optional(),
});

/** For a single text the verdict's fields also stand at the top level. */
export const classifyResponseSchema = z.object({
  model: z.string(),
  version: z.string(),
  results: z.array(verdictSchema),
  ...verdictSchema.omit({ model: true, version: true }).partial().shape,
});

export type ClassifyResponse = {
  readonly model: string;
  readonly version: string;
  readonly results: readonly Verdict[];
} & Partial<Verdict>;

export type RequestLimits = {
  /** Texts in one request. */
  readonly texts: number;
  /** UTF-16 code units in one text. */
  readonly characters: number;
};

/** What a request comes to. `single`: one text was sent as a string, not in an array. */
export type ParsedRequest = { readonly texts: readonly string[]; readonly single: boolean; readonly model: string | undefined };

/**
 * Checks a decoded JSON body.
 *
 * @throws ServiceError `invalid-request`, `too-many-texts` or `text-too-long`, naming the field and index at fault
 */
export function parseClassifyRequest(body: unknown, limits: RequestLimits): ParsedRequest {
  const parsed = classifyRequestSchema.safeParse(body);
  if (!parsed.success) throw explain(body);
  const { text, texts, inputs, model } = parsed.data;
  const given = [text, texts, inputs].filter((value) => value !== undefined);
  if (given.length !== 1) throw invalid(`${given.length === 0 ? 'none' : 'more than one'} of "text", "texts" and "inputs" was given`);
  const [value] = given as [string | string[]];
  const list = typeof value === 'string' ? [value] : value;
  if (list.length > limits.texts) {
    const what = `the request holds ${list.length} texts; at most ${limits.texts} are accepted`;
    throw new ServiceError('too-many-texts', what, `send them in requests of up to ${limits.texts} texts`);
  }
  const long = list.findIndex((one) => one.length > limits.characters);
  if (long >= 0) {
    const what = `text ${long} has ${list[long]!.length} characters; at most ${limits.characters} are accepted`;
    throw new ServiceError('text-too-long', what, 'shorten the text, or start the server with a higher limit');
  }
  return { texts: list, single: typeof value === 'string', model };
}

export function classifyResponse(verdicts: readonly Verdict[], single: boolean): ClassifyResponse {
  const [first] = verdicts as [Verdict, ...Verdict[]];
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
      return invalid(`unknown field ${JSON.stringify(key.slice(0, 64))}`, fix);
    }
    const wrong = wrongValue(key, value);
    if (wrong) return wrong;
  }
  return invalid('the request does not have the expected form');
}

function wrongValue(key: string, value: unknown): ServiceError | undefined {
  const listed = key === 'texts' || key === 'inputs';
  if (typeof value === 'string')
    return key === 'texts' ? invalid('"texts" is a string, not an array', 'put a single text in "text"') : undefined;
  if (!listed) return invalid(`"${key}" is ${nameOf(value)}, not a string`, key === 'text' ? example : 'send a name, or name@version');
  if (!Array.isArray(value)) return invalid(`"${key}" is ${nameOf(value)}, not an array of strings`);
  if (value.length === 0) return invalid(`"${key}" is empty`, 'send at least one text');
  const at = value.findIndex((one) => typeof one !== 'string');
  return at < 0 ? undefined : invalid(`"${key}"[${at}] is ${nameOf(value[at])}, not a string`, 'send every text as a JSON string');
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'empty';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
