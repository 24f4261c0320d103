/** @file Hugging Face's two protocols for classifiers: `POST /predict` of text-embeddings-inference, and that of its hosted models. */
import { z } from 'zod';
import type { Manifest, TextInput } from '../../models/index.js';
import { type ServiceError, type ServiceErrorCode, statusOf } from '../protocol/index.js';
import type { Dialect, DialectAnswer, DialectContext } from './dialect.js';
import { invalidRequest, parseBody, unsupported } from './parse-body.js';
import { logitsOf, scoresOf } from './scores.js';

const requestSchema = z.object({
  /** A text; `[text, pair]`, two that are read together; or `[[text], [text, pair], …]`, a batch. */
  inputs: z.union([z.string(), z.array(z.string()).min(1).max(2), z.array(z.array(z.string()).min(1).max(2)).min(1)]),
  /** `false`: a text that is too long is refused rather than cut. */
  truncate: z.boolean().nullish(),
  /** A text that is too long loses its end, never its beginning. */
  truncation_direction: z.enum(['right', 'Right']).nullish(),
  /** What the model gives before its activation. */
  raw_scores: z.boolean().nullish(),
  /** As hosted endpoints take them. */
  parameters: z
    .object({
      top_k: z.number().int().positive().nullish(),
      function_to_apply: z.enum(['softmax', 'sigmoid', 'none']).nullish(),
    })
    .nullish(),
});

type Body = z.output<typeof requestSchema>;

/** Of hosted models an array is always a batch, and the answer too, even to one text; that is all that Hugging Face's own clients accept. */
const hostedRequestSchema = requestSchema.pick({ parameters: true }).extend({ inputs: z.union([z.string(), z.array(z.string()).min(1)]) });

const predictionSchema = z.array(z.object({ score: z.number(), label: z.string() }));

export const tei: Dialect = {
  name: 'tei',
  title: 'text-embeddings-inference',
  owns: /^\/(?:predict$|hf-inference\/)/,
  routes: [
    {
      method: 'POST',
      path: '/predict',
      name: 'tei.predict',
      summary: 'Scores of every label, the highest first',
      scope: 'classify',
      request: requestSchema,
      example: { inputs: 'The council voted on Tuesday to repair the harbour wall' },
      answers: { 200: z.union([predictionSchema, z.array(predictionSchema)]) },
      refusals: ['access', 'body', 'texts', 'foreign'],
      answer: ({ body }, context) => {
        const request = parseBody(requestSchema, body);
        const { texts, batch } = toTexts(request.inputs);
        return predict(texts, batch, request, undefined, context);
      },
    },
    {
      method: 'POST',
      path: '/hf-inference/models/{model}',
      name: 'hugging-face.classify',
      summary: 'The same in the form of hosted models: one list for each text, always',
      scope: 'classify',
      request: hostedRequestSchema,
      example: { inputs: 'The council voted on Tuesday to repair the harbour wall' },
      answers: { 200: z.array(predictionSchema) },
      refusals: ['access', 'body', 'model', 'texts', 'foreign'],
      answer: ({ body, params }, context) => {
        const { inputs, parameters } = parseBody(hostedRequestSchema, body);
        return predict([inputs].flat(), true, { parameters }, params.model, context);
      },
    },
  ],
  statusFor: (code) => overrides[code]?.status ?? statusOf[code],
  refusalSchema: z.object({
    error: z.string(),
    error_type: z.enum(['Unhealthy', 'Backend', 'Overloaded', 'Validation', 'Tokenizer', 'Empty']),
  }),
  refuse: ({ code, message, fix }: ServiceError) => ({ body: { error: `${message}. ${fix}`, error_type: typeOf(code) } }),
};

/** Where its statuses are not ours. */
const overrides: Partial<Record<ServiceErrorCode, { readonly status: number; readonly type: string }>> = {
  'invalid-request': { status: 422, type: 'Validation' },
  unsupported: { status: 422, type: 'Validation' },
  'model-failed': { status: 424, type: 'Backend' },
  'queue-full': { status: 429, type: 'Overloaded' },
  'deadline-exceeded': { status: 503, type: 'Overloaded' },
};

function typeOf(code: ServiceErrorCode): string {
  const status = statusOf[code];
  return overrides[code]?.type ?? (status === 503 ? 'Unhealthy' : status >= 500 ? 'Backend' : status === 429 ? 'Overloaded' : 'Validation');
}

async function predict(
  texts: readonly TextInput[],
  batch: boolean,
  options: Omit<Body, 'inputs'>,
  name: string | undefined,
  { desk }: DialectContext,
): Promise<DialectAnswer> {
  const { truncate, parameters } = options;
  const model = desk.catalogue.find(name);
  const raw = wantsRaw(options, model.manifest.activation);
  const { verdicts, logits, tokens, timings } = await desk.ask({ model, texts });
  const cut = verdicts.findIndex(({ truncated }) => truncated);
  if (truncate === false && cut >= 0)
    throw invalidRequest(
      `text ${cut} has more than ${model.manifest.text.maxTokens} tokens`,
      'shorten it, or leave truncate out',
      'inputs',
    );
  const predictions = verdicts.map((verdict, i) => {
    const scores = Object.entries(raw ? logitsOf(model, logits[i]!) : scoresOf(verdict));
    const sorted = scores.map(([label, score]) => ({ score, label })).sort((a, b) => b.score - a.score);
    return sorted.slice(0, parameters?.top_k ?? undefined);
  });
  const { tokenizeMs, queueMs, inferMs } = timings;
  const milliseconds = (ms: number): string => String(Math.round(ms));
  return {
    headers: {
      'x-compute-characters': String(texts.flat().reduce((sum, text) => sum + text.length, 0)),
      'x-compute-tokens': String(tokens.reduce((sum, count) => sum + count, 0)),
      'x-total-time': milliseconds(tokenizeMs + queueMs + inferMs),
      'x-tokenization-time': milliseconds(tokenizeMs),
      'x-queue-time': milliseconds(queueMs),
      'x-inference-time': milliseconds(inferMs),
    },
    body: batch ? predictions : predictions[0],
  };
}

/** @throws ServiceError `unsupported` for an activation that is not the model's own */
function wantsRaw({ raw_scores, parameters }: Omit<Body, 'inputs'>, activation: Manifest['activation']): boolean {
  const wanted = parameters?.function_to_apply;
  if (wanted && wanted !== 'none' && wanted !== activation)
    throw unsupported(`the activation of this model is ${activation}`, 'leave function_to_apply out', 'parameters.function_to_apply');
  return raw_scores === true || wanted === 'none';
}

/** A flat array is one text or one pair; an array of arrays is a batch of either. */
function toTexts(inputs: Body['inputs']): { readonly texts: readonly TextInput[]; readonly batch: boolean } {
  if (typeof inputs === 'string') return { texts: [inputs], batch: false };
  if (inputs.every((one) => typeof one === 'string')) return { texts: [toText(inputs)], batch: false };
  return { texts: (inputs as string[][]).map(toText), batch: true };
}

const toText = ([text, pair]: readonly string[]): TextInput => (pair === undefined ? text! : [text!, pair]);
