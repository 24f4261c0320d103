import { Discovery, type GaxiosError, type GaxiosResponse } from 'googleapis-common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LabelVerdict } from '../../models/index.js';
import { type RunningServer, startServer } from '../http/index.js';
import { text, writeDialectModels } from '../testing/dialect-server.js';
import { classify } from '../testing/http.js';

type Call = (parameters: object) => Promise<GaxiosResponse<Record<string, unknown>>>;
type Client = { readonly comments: { readonly analyze: Call; readonly suggestscore: Call } };

let files: Awaited<ReturnType<typeof writeDialectModels>>;
let server: RunningServer;
let client: Client;

beforeAll(async () => {
  files = await writeDialectModels();
  server = await startServer({ models: files.models, policy: files.policy, port: 0, workers: 1, logLevel: 'silent', page: '/nowhere' });
  client = await discover(`${server.url}/$discovery/rest?version=v1alpha1`);
});
afterAll(async () => {
  await server.close();
  await files.remove();
});

async function discover(url: string): Promise<Client> {
  const create = (await new Discovery({}).discoverAPI(url)) as unknown as (options: object) => Client;
  return create({});
}

const verdictOf = async () => (await classify(server.url, { text })).body as unknown as LabelVerdict;

describe("Google's own client, which learns its methods from the discovery document of this server", () => {
  test('a comment: scores for the attributes that the policy file maps to labels', async () => {
    const resource = { comment: { text }, requestedAttributes: { TOXICITY: {}, NEWSWORTHY: {} }, languages: ['en'], doNotStore: true };
    const { data, status } = await client.comments.analyze({ key: 'unused', resource });
    const { scores } = await verdictOf();
    const score = (value: number) => ({ value: expect.closeTo(value, 6) as number, type: 'PROBABILITY' });
    const both = (value: number) => ({ spanScores: [{ begin: 0, end: text.length, score: score(value) }], summaryScore: score(value) });
    expect(status).toBe(200);
    expect(data).toEqual({ attributeScores: { TOXICITY: both(scores.clickbait!), NEWSWORTHY: both(scores.news!) }, languages: ['en'] });
  });

  test('labels are attributes too; what is below its threshold is left out; the token comes back', async () => {
    const { scores } = await verdictOf();
    const [low, high] = Object.keys(scores).sort((a, b) => scores[a]! - scores[b]!) as [string, string];
    const requestedAttributes = { [low]: { scoreThreshold: scores[low]! + 1e-6 }, [high]: { scoreThreshold: scores[high]! - 1e-6 } };
    const { data } = await client.comments.analyze({ requestBody: { comment: { text }, requestedAttributes, clientToken: 'story-17' } });
    expect(Object.keys(data.attributeScores as object)).toEqual([high]);
    expect(data.clientToken).toBe('story-17');
  });

  test('the other address of the document leads to the same methods', async () => {
    const other = await discover(`${server.url}/discovery/v1/apis/commentanalyzer/v1alpha1/rest`);
    const { data } = await other.comments.analyze({ requestBody: { comment: { text }, requestedAttributes: { TOXICITY: {} } } });
    expect(data.attributeScores).toHaveProperty('TOXICITY');
  });

  const attributeScores = { TOXICITY: { summaryScore: { value: 0.9 } } };
  test.each<[string, keyof Client['comments'], object, RegExp]>([
    ['an attribute that is not known', 'analyze', { comment: { text }, requestedAttributes: { SPAM: {} } }, /SPAM.*TOXICITY, NEWSWORTHY/],
    ['no attribute', 'analyze', { comment: { text }, requestedAttributes: {} }, /requestedAttributes/],
    [
      'an attribute of every object',
      'analyze',
      { comment: { text }, requestedAttributes: { constructor: {} } },
      /"constructor" is not known/,
    ],
    ['no text', 'analyze', { comment: { text: '' }, requestedAttributes: { TOXICITY: {} } }, /comment\.text/],
    ['HTML', 'analyze', { comment: { text, type: 'HTML' }, requestedAttributes: { TOXICITY: {} } }, /PLAIN_TEXT/],
    ['a suggestion, where nothing keeps it', 'suggestscore', { comment: { text }, attributeScores }, /keeps no suggestions/],
    ['a suggestion for one span', 'suggestscore', { comment: { text }, attributeScores: { TOXICITY: {} } }, /summaryScore/],
  ])("%s: refused with Google's error", async (_what, method, requestBody, message) => {
    const error = (await client.comments[method]({ requestBody }).catch((reason: unknown) => reason)) as GaxiosError;
    expect(error.message).toMatch(message);
    expect(error.response?.data).toEqual({ error: { code: 400, message: expect.stringMatching(message), status: 'INVALID_ARGUMENT' } });
  });

  test('an API or a path that is not here: not found', async () => {
    await expect(discover(`${server.url}/discovery/v1/apis/translate/v3/rest`)).rejects.toMatchObject({ status: 404 });
    const lost = (await (await fetch(`${server.url}/v1alpha1/comments:translate`, { method: 'POST' })).json()) as object;
    expect(lost).toMatchObject({ error: { code: 404, status: 'NOT_FOUND' } });
  });
});

test('a server that keeps suggestions hands them on, by label', async () => {
  const kept: unknown[] = [];
  const feedback = async (suggestion: unknown) => void kept.push(suggestion);
  const keeping = await startServer(
    { models: files.models, policy: files.policy, port: 0, workers: 1, logLevel: 'silent', page: '/nowhere' },
    undefined,
    { feedback },
  );
  try {
    const { comments } = await discover(`${keeping.url}/$discovery/rest?version=v1alpha1`);
    const attributeScores = { TOXICITY: { summaryScore: { value: 0.9, type: 'PROBABILITY' } } };
    const requestBody = { comment: { text }, attributeScores, clientToken: 'reader-4', communityId: 'harbour', languages: ['en'] };
    const { data } = await comments.suggestscore({ key: 'unused', requestBody });
    expect(data).toEqual({ clientToken: 'reader-4', requestedLanguages: ['en'] });
    expect(kept).toEqual([
      { text, scores: { clickbait: 0.9 }, model: 'sample@v1', clientToken: 'reader-4', communityId: 'harbour', client: '127.0.0.1' },
    ]);
  } finally {
    await keeping.close();
  }
});

test('the document names the server as the client did, and never what could be a trap', async () => {
  const rootOf = async (headers: Record<string, string>): Promise<unknown> => {
    const { request } = await import('node:http');
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(server.url);
      const asked = request({ hostname, port, path: '/$discovery/rest', headers }, async (response) => {
        let body = '';
        for await (const chunk of response) body += String(chunk);
        resolve((JSON.parse(body) as { rootUrl: string }).rootUrl);
      });
      asked.on('error', reject).end();
    });
  };
  expect(await rootOf({ host: 'desk.example:8443', 'x-forwarded-proto': 'https' })).toBe('https://desk.example:8443/');
  expect(await rootOf({ host: '[::1]:8000' })).toBe('http://[::1]:8000/');
  expect(await rootOf({ host: 'evil.example/path?' })).toBe(`http://localhost:${new URL(server.url).port}/`);
});
