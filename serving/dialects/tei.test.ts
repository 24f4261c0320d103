import { InferenceClient } from '@huggingface/inference';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LabelVerdict } from '../../models/index.js';
import { type RunningServer, startServer } from '../http/index.js';
import { otherText, text, writeDialectModels } from '../testing/dialect-server.js';
import { classify } from '../testing/http.js';

let files: Awaited<ReturnType<typeof writeDialectModels>>;
let server: RunningServer;
let pairs: RunningServer;
let client: InferenceClient;

beforeAll(async () => {
  files = await writeDialectModels();
  const { models } = files;
  server = await startServer({ models, port: 0, workers: 1, logLevel: 'silent', page: '/nowhere' });
  pairs = await startServer({ models, defaultModel: 'pairs', port: 0, workers: 1, logLevel: 'silent', page: '/nowhere' });
  client = new InferenceClient('', { endpointUrl: `${server.url}/hf-inference/models/sample` });
});
afterAll(async () => {
  await Promise.all([server.close(), pairs.close()]);
  await files.remove();
});

const verdictOf = async (one: string) => (await classify(server.url, { text: one })).body as unknown as LabelVerdict;
const sorted = ({ scores }: LabelVerdict) =>
  Object.entries(scores)
    .map(([label, score]) => ({ label, score }))
    .sort((a, b) => b.score - a.score)
    .map(({ label, score }) => ({ label, score: expect.closeTo(score, 6) as number }));

describe("Hugging Face's own client, pointed at this server", () => {
  test('a text: every label with its score, the highest first', async () => {
    expect(await client.textClassification({ inputs: text })).toEqual(sorted(await verdictOf(text)));
  });

  test('as many labels as it asks for', async () => {
    const answer = await client.textClassification({ inputs: text, parameters: { top_k: 1 } });
    expect(answer).toEqual(sorted(await verdictOf(text)).slice(0, 1));
  });

  test('before the activation, if it asks for that', async () => {
    const raw = (await client.textClassification({ inputs: text, parameters: { function_to_apply: 'none' } })) as { score: number }[];
    const { score } = await verdictOf(text);
    expect(1 / (1 + Math.exp(raw[1]!.score - raw[0]!.score))).toBeCloseTo(score, 6);
  });

  test('several texts, and a model that is not here', async () => {
    const hosted = new InferenceClient('', { endpointUrl: `${server.url}/hf-inference/models/smaple` });
    await expect(hosted.textClassification({ inputs: text })).rejects.toMatchObject({ httpResponse: { status: 404 } });
    const body = JSON.stringify({ inputs: [text, otherText] });
    const answer = await fetch(`${server.url}/hf-inference/models/sample`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(await answer.json()).toEqual([sorted(await verdictOf(text)), sorted(await verdictOf(otherText))]);
  });

  test('another activation than that of the model is refused, and its client says why', async () => {
    const asked = client.textClassification({ inputs: text, parameters: { function_to_apply: 'sigmoid' } });
    await expect(asked).rejects.toMatchObject({
      message: expect.stringContaining('the activation of this model is softmax'),
      httpResponse: { status: 422, body: { error_type: 'Validation' } },
    });
  });
});

test("text-embeddings-inference's own route serves that client too, for batches: to one text it says what the client does not accept", async () => {
  const predict = new InferenceClient('', { endpointUrl: `${server.url}/predict` });
  expect(await predict.textClassification({ inputs: [[text]] as unknown as string })).toEqual(sorted(await verdictOf(text)));
  await expect(predict.textClassification({ inputs: text })).rejects.toThrow('malformed');
});

describe('text-embeddings-inference itself: batches and pairs', () => {
  const predict = async (body: unknown, url = server.url) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/predict`, {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as unknown };
  };

  test('a batch: one list each, and how long it took in its headers', async () => {
    const { body, headers } = await predict({ inputs: [[text], [otherText]] });
    expect(body).toEqual([sorted(await verdictOf(text)), sorted(await verdictOf(otherText))]);
    expect(headers.get('x-compute-characters')).toBe(String(text.length + otherText.length));
    expect(Number(headers.get('x-compute-tokens'))).toBeGreaterThan(20);
    for (const name of ['x-total-time', 'x-tokenization-time', 'x-queue-time', 'x-inference-time'])
      expect(headers.get(name)).toMatch(/^\d+$/);
  });

  test('a flat array of two is a pair', async () => {
    const { body } = await predict({ inputs: [text, otherText] }, pairs.url);
    const asked = await classify(pairs.url, { text, pair: otherText });
    expect(body).toEqual(sorted(asked.body as unknown as LabelVerdict));
    expect((await predict({ inputs: [[text, otherText]] }, pairs.url)).body).toEqual([sorted(asked.body as unknown as LabelVerdict)]);
  });

  test.each<[string, unknown, number, string]>([
    ['a pair for a model of single texts', { inputs: [text, otherText] }, 422, 'Validation'],
    ['a flat array of three', { inputs: ['a', 'b', 'c'] }, 422, 'Validation'],
    ['no text', { inputs: [] }, 422, 'Validation'],
    ['no inputs', {}, 422, 'Validation'],
    ['a text that is not to be cut, but too long', { inputs: 'harbour '.repeat(200), truncate: false }, 422, 'Validation'],
    ['a text to be cut at its beginning', { inputs: text, truncation_direction: 'left' }, 422, 'Validation'],
    ['no JSON', '{', 400, 'Validation'],
  ])('%s is refused in its words', async (_what, sent, status, type) => {
    const { status: given, body } = await predict(sent);
    expect(given).toBe(status);
    expect(body).toEqual({ error: expect.stringMatching(/\w/), error_type: type });
  });
});
