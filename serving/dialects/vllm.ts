/** @file `POST /v1/classify` as vLLM answers it. */
import { z } from 'zod';
import { statusOf } from '../protocol/index.js';
import type { Dialect, DialectAnswer, DialectContext, DialectRequest } from './dialect.js';
import { openAiStatus, openAiType } from './openai-refusal.js';
import { parseBody } from './parse-body.js';
import { inOrder, logitsOf, scoresOf, topName } from './scores.js';

const requestSchema = z.object({
  /** A text or several. Lists of token ids, which another tokenizer may have made, are refused. */
  input: z.union([z.string(), z.array(z.string()).min(1)]),
  model: z.string().nullish(),
  /** `false`: what the model gives before its activation. `activation` is its older name. */
  use_activation: z.boolean().nullish(),
  activation: z.boolean().nullish(),
});

const responseSchema = z.object({
  id: z.string(),
  object: z.literal('list'),
  created: z.number().int(),
  model: z.string(),
  data: z.array(z.object({ index: z.number().int(), label: z.string(), probs: z.array(z.number()), num_classes: z.number().int() })),
  usage: z.object({ prompt_tokens: z.number().int(), total_tokens: z.number().int(), completion_tokens: z.literal(0) }),
});

export const vllm: Dialect = {
  name: 'vllm',
  title: 'vLLM classification',
  owns: /^\/v1\/classify$/,
  routes: [
    {
      method: 'POST',
      path: '/v1/classify',
      name: 'vllm.classify',
      summary: 'The likeliest label, and the probabilities of all in the order of the model',
      scope: 'classify',
      request: requestSchema,
      example: { input: ['The council voted on Tuesday to repair the harbour wall'] },
      answers: { 200: responseSchema },
      refusals: ['access', 'body', 'model', 'texts'],
      answer: classify,
    },
  ],
  statusFor: openAiStatus,
  refusalSchema: z.object({
    error: z.object({ message: z.string(), type: z.string(), param: z.string().nullable(), code: z.number().int() }),
  }),
  refuse: ({ code, message, fix, field }) => ({
    body: {
      error: { message: `${message}. ${fix}`, type: openAiType(statusOf[code], 'vllm'), param: field ?? null, code: openAiStatus(code) },
    },
  }),
};

async function classify({ id, body }: DialectRequest, { desk, clock }: DialectContext): Promise<DialectAnswer> {
  const { input, model: name, use_activation, activation } = parseBody(requestSchema, body);
  const texts = [input].flat();
  const model = desk.catalogue.find(name ?? undefined);
  const { verdicts, logits, tokens } = await desk.ask({ model, texts });
  const raw = (use_activation ?? activation) === false;
  const read = tokens.reduce((sum, count) => sum + count, 0);
  const response: z.output<typeof responseSchema> = {
    id: `classify-${id}`,
    object: 'list',
    created: Math.floor(clock() / 1000),
    model: model.key,
    data: verdicts.map((verdict, index) => {
      const scores = raw ? logitsOf(model, logits[index]!) : scoresOf(verdict);
      return { index, label: topName(scores), probs: [...inOrder(model, scores)], num_classes: model.manifest.labels.length };
    }),
    usage: { prompt_tokens: read, total_tokens: read, completion_tokens: 0 },
  };
  return { body: response };
}
