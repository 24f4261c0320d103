import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LabelVerdict } from '../../models/index.js';
import { type RunningServer, startServer } from '../http/index.js';
import { otherText, text, writeDialectModels } from '../testing/dialect-server.js';
import { classify } from '../testing/http.js';

let files: Awaited<ReturnType<typeof writeDialectModels>>;
let server: RunningServer;
let client: OpenAI;

beforeAll(async () => {
  files = await writeDialectModels();
  server = await startServer({ models: files.models, port: 0, workers: 1, logLevel: 'silent', page: '/nowhere', limits: { texts: 20 } });
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'unused' });
});
afterAll(async () => {
  await server.close();
  await files.remove();
});

const verdictOf = async (one: string, model?: string) => (await classify(server.url, { text: one, model })).body as unknown as LabelVerdict;

/** A text among others may differ from the same text alone in the ninth digit. */
const near = (scores: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(scores).map(([label, score]) => [label, expect.closeTo(score, 6) as number]));

describe("OpenAI's own client, pointed at this server", () => {
  test('a text: the scores of our labels, flagged when it is not published', async () => {
    const moderation = await client.moderations.create({ input: text });
    const { scores, decision } = await verdictOf(text);
    const [result] = moderation.results;
    expect(moderation.id).toMatch(/^modr-/);
    expect(moderation.model).toBe('sample@v1');
    expect(result!.flagged).toBe(decision !== 'publish');
    expect(result!.category_scores).toEqual(near(scores));
    expect(result!.categories).toEqual({ clickbait: decision !== 'publish', news: false });
    expect(result!.category_applied_input_types).toEqual({ clickbait: ['text'], news: ['text'] });
  });

  test('several texts: one result each, in their order; some are flagged and some are not', async () => {
    const input = Array.from({ length: 20 }, (_, i) => `${text.slice(0, 5 + 3 * i)} ${i}`);
    const { results } = await client.moderations.create({ input });
    const verdicts = await Promise.all(input.map((one) => verdictOf(one)));
    expect(results.map(({ flagged }) => flagged)).toEqual(verdicts.map(({ decision }) => decision !== 'publish'));
    expect(new Set(results.map(({ category_scores }) => JSON.stringify(category_scores))).size).toBeGreaterThan(10);
  });

  test('parts of a text are read together', async () => {
    const parts = [text, otherText].map((part) => ({ type: 'text' as const, text: part }));
    const { results } = await client.moderations.create({ input: parts });
    expect(results.map(({ category_scores }) => category_scores)).toEqual([near((await verdictOf(`${text}\n${otherText}`)).scores)]);
  });

  test.each(['omni-moderation-latest', 'omni-moderation-2024-09-26', 'text-moderation-stable'])(
    'its model %s is the default one here, and the answer says which that is',
    async (model) => expect((await client.moderations.create({ input: text, model })).model).toBe('sample@v1'),
  );

  test('a model of ours is found by its name; of several labels those that reach a threshold are its categories', async () => {
    const { model, results } = await client.moderations.create({ input: text, model: 'topics' });
    expect(model).toBe('topics@v1');
    expect(results[0]).toMatchObject({ flagged: true, categories: { arts: false, rumour: true, 7: false } });
  });

  test('its request id comes back, as the client reads it', async () => {
    const moderation = client.moderations.create({ input: text }, { headers: { 'x-request-id': 'story-17' } });
    expect((await moderation.withResponse()).request_id).toBe('story-17');
  });
});

describe('refusals are errors of its client', () => {
  const refused = async (body: object): Promise<InstanceType<typeof OpenAI.APIError>> => {
    const error = await client.post('/moderations', { body, maxRetries: 0 }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof OpenAI.APIError) return error;
    throw new Error('the request was answered');
  };

  test.each<[string, object, number, string, string | null]>([
    ['an image', { input: [{ type: 'image_url', image_url: { url: 'data:,' } }] }, 400, 'unsupported', 'input[0].image_url'],
    ['no input', {}, 400, 'invalid_request', 'input'],
    ['no text at all', { input: [] }, 400, 'invalid_request', 'input'],
    ['a number among texts', { input: ['a', 5] }, 400, 'invalid_request', 'input[1]'],
    ['an unknown model', { input: 'a', model: 'gpt-4' }, 404, 'model_not_found', 'model'],
    ['a model of values', { input: 'a', model: 'values' }, 400, 'unsupported', null],
    ['a model of pairs', { input: 'a', model: 'pairs' }, 400, 'pair_missing', null],
    ['too many texts', { input: Array.from({ length: 21 }, () => 'a') }, 400, 'too_many_texts', null],
  ])('%s', async (_what, body, status, code, param) => {
    const error = await refused(body);
    expect(error).toMatchObject({ status, code, param, type: 'invalid_request_error' });
    expect(error).toBeInstanceOf(status === 404 ? OpenAI.NotFoundError : OpenAI.BadRequestError);
    expect(error.requestID).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a method that is not answered', async () =>
    expect(await client.get('/moderations').catch((error: unknown) => error)).toMatchObject({ status: 405, code: 'method_not_allowed' }));
});

test('what is over its rate is tried again by the client when this server says so, and then answered', async () => {
  const { models } = files;
  const limited = await startServer({ models, port: 0, workers: 1, logLevel: 'silent', page: '/nowhere', addressRates: ['2/s'] });
  try {
    const patient = new OpenAI({ baseURL: `${limited.url}/v1`, apiKey: 'unused', maxRetries: 4 });
    const answers = await Promise.all(Array.from({ length: 4 }, () => patient.moderations.create({ input: text })));
    expect(answers.map(({ model }) => model)).toEqual(Array(4).fill('sample@v1'));
    const impatient = new OpenAI({ baseURL: `${limited.url}/v1`, apiKey: 'unused', maxRetries: 0 });
    const several = await Promise.allSettled(Array.from({ length: 6 }, () => impatient.moderations.create({ input: text })));
    const errors = several.flatMap((one) => (one.status === 'rejected' ? [one.reason as InstanceType<typeof OpenAI.APIError>] : []));
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) {
      expect(error).toBeInstanceOf(OpenAI.RateLimitError);
      expect(Number(error.headers!.get('retry-after-ms'))).toBe(1000 * Number(error.headers!.get('retry-after')));
    }
    expect(await (await fetch(`${limited.url}/metrics`)).text()).toMatch(/copydesk_rejected_total\{reason="rate-limited"\} [1-9]/);
  } finally {
    await limited.close();
  }
});

describe('vLLM: its classification route, by the client that its users have', () => {
  type Classified = {
    readonly model: string;
    readonly data: readonly { index: number; label: string; probs: number[]; num_classes: number }[];
    readonly usage: Readonly<Record<string, number>>;
  };
  const ask = (body: object): Promise<Classified> => client.post('/classify', { body, maxRetries: 0 });

  test('texts: the likeliest label, the probabilities in the order of the model, and the tokens that were read', async () => {
    const { model, data, usage } = await ask({ input: [text, otherText] });
    expect(model).toBe('sample@v1');
    for (const [i, one] of [text, otherText].entries()) {
      const { label, scores } = await verdictOf(one);
      expect(data[i]).toEqual({
        index: i,
        label,
        probs: [expect.closeTo(scores.clickbait!, 6), expect.closeTo(scores.news!, 6)],
        num_classes: 2,
      });
    }
    const [alone, other] = await Promise.all([ask({ input: text }), ask({ input: otherText })]);
    expect(usage.prompt_tokens).toBe(alone.usage.prompt_tokens! + other.usage.prompt_tokens!);
    expect(alone.usage.prompt_tokens).toBeGreaterThan(text.split(' ').length);
  });

  test('labels that look like numbers keep their place', async () => {
    const { scores } = await verdictOf(text, 'topics');
    expect((await ask({ input: text, model: 'topics' })).data[0]!.probs).toEqual(
      [scores.arts!, scores.rumour!, scores['7']!].map((score) => expect.closeTo(score, 6)),
    );
  });

  test('without its activation: what the model gives before softmax', async () => {
    const [{ probs: raw }, { probs }] = [
      (await ask({ input: text, use_activation: false })).data[0]!,
      (await ask({ input: text })).data[0]!,
    ];
    expect(Math.exp(raw![0]!) / (Math.exp(raw![0]!) + Math.exp(raw![1]!))).toBeCloseTo(probs[0]!, 6);
  });

  test.each<[string, object, number, string]>([
    ['token ids', { input: [1, 2, 3] }, 400, 'BadRequestError'],
    ['lists of token ids', { input: [[1, 2, 3]] }, 400, 'BadRequestError'],
    ['an unknown model', { input: 'a', model: 'bert' }, 404, 'NotFoundError'],
  ])('%s: refused in its words', async (_what, body, status, type) => {
    const error = await ask(body).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error).toMatchObject({ status, type, code: status });
  });
});
