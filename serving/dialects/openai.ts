/** @file `POST /v1/moderations` as OpenAI answers it; categories are the labels of the model. */
import { z } from 'zod';
import type { LabelVerdict, Policy } from '../../models/index.js';
import type { Catalogue, ServedModel } from '../desk/index.js';
import { type ServiceError, statusOf } from '../protocol/index.js';
import type { Dialect, DialectAnswer, DialectContext, DialectRequest } from './dialect.js';
import { openAiStatus, openAiType } from './openai-refusal.js';
import { parseBody, unsupported } from './parse-body.js';
import { labelVerdicts } from './scores.js';

const textPart = z.object({ type: z.literal('text'), text: z.string() });
/** Refused, but in words that say why: there is no model here that sees. */
const imagePart = z.object({ type: z.literal('image_url'), image_url: z.object({ url: z.string() }) });

const requestSchema = z.object({
  /** One text, several, or the parts of one. */
  input: z.union([z.string(), z.array(z.string()).min(1), z.array(textPart).min(1)]),
  /** One of ours; OpenAI's own names mean the default model, whose name is in the answer. */
  model: z.string().nullish(),
});

const readSchema = requestSchema.extend({
  input: z.union([z.string(), z.array(z.string()).min(1), z.array(z.discriminatedUnion('type', [textPart, imagePart])).min(1)]),
});

const responseSchema = z.object({
  id: z.string(),
  model: z.string(),
  results: z.array(
    z.object({
      flagged: z.boolean(),
      categories: z.record(z.string(), z.boolean()),
      category_scores: z.record(z.string(), z.number()),
      category_applied_input_types: z.record(z.string(), z.array(z.literal('text'))),
    }),
  ),
});

type Moderation = z.output<typeof responseSchema>['results'][number];

export const openai: Dialect = {
  name: 'openai',
  title: 'OpenAI moderations',
  owns: /^\/v1\/moderations$/,
  routes: [
    {
      method: 'POST',
      path: '/v1/moderations',
      name: 'openai.moderations',
      summary: 'Whether each text is held back, and by which labels',
      scope: 'classify',
      request: requestSchema,
      example: { input: ['The council voted on Tuesday to repair the harbour wall'] },
      answers: { 200: responseSchema },
      refusals: ['access', 'body', 'model', 'texts', 'foreign'],
      answer: moderate,
    },
  ],
  statusFor: openAiStatus,
  refusalSchema: z.object({
    error: z.object({ message: z.string(), type: z.string(), param: z.string().nullable(), code: z.string().nullable() }),
  }),
  refuse: (error) => ({ headers: retryHeaders(error), body: { error: toError(error) } }),
};

const codes: Partial<Record<ServiceError['code'], string>> = { 'unknown-model': 'model_not_found', unauthorized: 'invalid_api_key' };

function toError({ code, message, fix, field }: ServiceError) {
  const param = field ?? (code === 'unknown-model' ? 'model' : null);
  return {
    message: `${message}. ${fix}`,
    type: openAiType(statusOf[code], 'openai'),
    param,
    code: codes[code] ?? code.replaceAll('-', '_'),
  };
}

/** Its clients wait for as long as this header says, to the millisecond. */
function retryHeaders({ headers }: ServiceError): Record<string, string> {
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) ? { 'retry-after-ms': String(seconds * 1000) } : {};
}

async function moderate({ id, body }: DialectRequest, { desk }: DialectContext): Promise<DialectAnswer> {
  const request = parseBody(readSchema, body);
  const model = findModel(desk.catalogue, request.model);
  const { verdicts, timings } = await desk.ask({ model, texts: toTexts(request.input) });
  const response: z.output<typeof responseSchema> = {
    id: `modr-${id}`,
    model: model.key,
    results: labelVerdicts(verdicts, model).map((verdict) => toModeration(model, verdict, desk.thresholds(model))),
  };
  const { tokenizeMs, queueMs, inferMs } = timings;
  return { headers: { 'openai-processing-ms': String(Math.round(tokenizeMs + queueMs + inferMs)) }, body: response };
}

/** Applications written for OpenAI name its models; which one answered instead is in the answer. */
function findModel(catalogue: Catalogue, name: string | null | undefined): ServedModel {
  const theirs = name && /^(?:omni|text)-moderation-[\w.-]*$/.test(name);
  return catalogue.find(theirs ? undefined : (name ?? undefined));
}

/** Parts belong to one text: they are read together, each on a line of its own. */
function toTexts(input: z.output<typeof readSchema>['input']): readonly string[] {
  if (typeof input === 'string') return [input];
  const parts: string[] = [];
  for (const [i, part] of input.entries()) {
    if (typeof part === 'string') parts.push(part);
    else if (part.type === 'text') parts.push(part.text);
    else throw unsupported('images are not read here', 'send the text alone', `input[${i}].image_url`);
  }
  return typeof input[0] === 'string' ? parts : [parts.join('\n')];
}

/** Flagged is what is not published; its categories are the labels that reach a threshold, and the one that decided. */
function toModeration({ manifest }: ServedModel, { decision, decidedBy, scores }: LabelVerdict, thresholds: Policy['labels']): Moderation {
  const flagged = decision !== 'publish';
  const reaches = (label: string): boolean => {
    const { review = null, block = null } = thresholds[label] ?? {};
    return label === decidedBy || scores[label]! >= (review ?? block ?? Number.POSITIVE_INFINITY);
  };
  const byLabel = <T>(value: (label: string) => T): Record<string, T> =>
    Object.fromEntries(manifest.labels.map((label) => [label, value(label)]));
  return {
    flagged,
    categories: byLabel((label) => flagged && reaches(label)),
    category_scores: byLabel((label) => scores[label]!),
    category_applied_input_types: byLabel(() => ['text'] as const as ['text']),
  };
}
