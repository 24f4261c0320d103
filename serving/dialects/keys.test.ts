import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceClient } from '@huggingface/inference';
import { Discovery } from 'googleapis-common';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashSecret, makeApiKey, type Scope, writeApiKey, writeKeyFile } from '../access/index.js';
import { type RunningServer, startServer } from '../http/index.js';
import { text, writeDialectModels } from '../testing/dialect-server.js';

let files: Awaited<ReturnType<typeof writeDialectModels>>;
let folder: string;
let server: RunningServer;
const asker = makeApiKey();
const reader = makeApiKey();

beforeAll(async () => {
  files = await writeDialectModels();
  folder = await mkdtemp(join(tmpdir(), 'copydesk-dialect-keys-'));
  const keys = join(folder, 'keys.json');
  const stored = ({ id, secret }: typeof asker, name: string, scope: Scope) => {
    return { id, name, hash: hashSecret(secret), scopes: [scope], rates: [], quotas: [], created: '2026-01-01T00:00:00.000Z' };
  };
  await writeKeyFile(keys, { version: 1, keys: [stored(asker, 'asker', 'classify'), stored(reader, 'reader', 'metrics')] });
  const { models, policy } = files;
  server = await startServer({ models, policy, keys, port: 0, workers: 1, logLevel: 'silent', page: '/nowhere' });
});
afterAll(async () => {
  await server.close();
  await files.remove();
  await rm(folder, { recursive: true });
});

test("OpenAI's client sends its key as it always does; a wrong one is an error of its client, and so is one that may not", async () => {
  const client = (apiKey: string) => new OpenAI({ baseURL: `${server.url}/v1`, apiKey, maxRetries: 0 });
  expect((await client(writeApiKey(asker)).moderations.create({ input: text })).model).toBe('sample@v1');
  const wrong = await client('sk-wrong')
    .moderations.create({ input: text })
    .catch((error: unknown) => error);
  expect(wrong).toBeInstanceOf(OpenAI.AuthenticationError);
  expect(wrong).toMatchObject({ code: 'invalid_api_key' });
  const other = await client(writeApiKey(reader))
    .moderations.create({ input: text })
    .catch((error: unknown) => error);
  expect(other).toBeInstanceOf(OpenAI.PermissionDeniedError);
});

test("Google's client finds the methods without a key, and sends it in the address", async () => {
  type Client = { readonly comments: { analyze(parameters: object): Promise<{ readonly data: object }> } };
  const create = (await new Discovery({}).discoverAPI(`${server.url}/$discovery/rest`)) as unknown as (options: object) => Client;
  const requestBody = { comment: { text }, requestedAttributes: { TOXICITY: {} } };
  const { comments } = create({});
  expect((await comments.analyze({ key: writeApiKey(asker), requestBody })).data).toHaveProperty('attributeScores.TOXICITY');
  await expect(comments.analyze({ key: 'wrong', requestBody })).rejects.toMatchObject({
    response: { data: { error: { code: 401, status: 'UNAUTHENTICATED' } } },
  });
});

test("Hugging Face's client sends it as a token", async () => {
  const endpointUrl = `${server.url}/hf-inference/models/sample`;
  expect(await new InferenceClient(writeApiKey(asker), { endpointUrl }).textClassification({ inputs: text })).toHaveLength(2);
  await expect(new InferenceClient('', { endpointUrl }).textClassification({ inputs: text })).rejects.toMatchObject({
    httpResponse: { status: 401, body: { error_type: 'Validation' } },
  });
});

test('probes need no key, models do; only Perspective takes one from the address', async () => {
  const status = async (path: string): Promise<number> => (await fetch(server.url + path)).status;
  expect(await status('/v2/health/ready')).toBe(200);
  expect(await status('/v2/models/sample')).toBe(401);
  expect(await status(`/v2/models/sample?key=${writeApiKey(asker)}`)).toBe(401);
});

test('the document says which routes need a key, and how each takes it', async () => {
  type Document = { readonly paths: Record<string, Record<string, { readonly security?: readonly object[] }>> };
  const { paths } = (await (await fetch(`${server.url}/openapi.json`)).json()) as Document;
  expect(paths['/v1/moderations']!.post!.security).toEqual([{ bearer: [] }, { header: [] }]);
  expect(paths['/v1alpha1/comments:analyze']!.post!.security).toContainEqual({ query: [] });
  expect(paths['/v2/health/live']!.get!.security).toBeUndefined();
});
