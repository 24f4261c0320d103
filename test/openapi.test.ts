/** @file Whether `/openapi.json` says what the server does: every documented route is asked well and badly, and each answer must be documented. */
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningServer, startServer } from '../serving/index.js';
import { writeDialectModels } from '../serving/testing/dialect-server.js';

type Schema = Record<string, unknown>;
type Content = Record<string, { readonly schema: Schema; readonly example?: unknown }>;
type Operation = {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Record<string, { readonly content: Content }>;
};
type Document = {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Schema> };
};

let files: Awaited<ReturnType<typeof writeDialectModels>>;
let server: RunningServer;
let description: Document;

beforeAll(async () => {
  files = await writeDialectModels();
  const { models, policy } = files;
  const limits = { texts: 5, characters: 200, bodyBytes: 4_000 };
  const review = { file: join(dirname(policy), 'desk.db') };
  server = await startServer({ models, policy, review, port: 0, workers: 1, logLevel: 'silent', page: '/nowhere', limits });
  description = (await (await fetch(`${server.url}/openapi.json`)).json()) as Document;
});
afterAll(async () => {
  await server.close();
  await files.remove();
});

const operations = (): (Operation & { readonly method: string; readonly path: string })[] =>
  Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  );

const known: Readonly<Record<string, string>> = { model: 'sample', version: 'v1', api: 'commentanalyzer' };
const place = (path: string, values = known): string => {
  const discovery = path.startsWith('/discovery/') ? { ...values, version: 'v1alpha1' } : values;
  return path.replace(/\{(\w+)\}/g, (_, name: string) => discovery[name] ?? 'unknown');
};

/** What is wrong with an answer, seen from the document; `undefined`: nothing. */
async function undocumented({ method, responses }: Operation & { method: string }, url: string, init: RequestInit = {}) {
  const response = await fetch(server.url + url, { ...init, method });
  const type = response.headers.get('content-type')?.split(';')[0] ?? '';
  const body = await response.text();
  const schema = responses[response.status]?.content[type]?.schema;
  if (!schema) return `${method} ${url}: ${response.status} ${type} is not documented: ${body.slice(0, 200)}`;
  const ajv = new Ajv2020({ strict: false });
  const check = ajv.compile({ ...schema, components: description.components });
  if (check(type === 'application/json' ? JSON.parse(body) : body)) return undefined;
  return `${method} ${url}: ${response.status} is otherwise than documented: ${ajv.errorsText(check.errors)}`;
}

const json = { 'content-type': 'application/json' };

describe('the document', () => {
  test('is OpenAPI 3.1 with schemas that are schemas, and examples that fit them', () => {
    expect(description.openapi).toBe('3.1.0');
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    for (const { requestBody, responses, operationId } of operations()) {
      for (const { content } of [requestBody, ...Object.values(responses)].filter((part) => part !== undefined))
        for (const { schema, example } of Object.values(content)) {
          const check = ajv.compile({ ...schema, components: description.components });
          if (example !== undefined) expect(check(example), `${operationId}: ${ajv.errorsText(check.errors)}`).toBe(true);
        }
    }
  });

  test('has an id of its own for every operation, and an example for every body', () => {
    const ids = operations().map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { requestBody } of operations()) if (requestBody) expect(requestBody.content['application/json']?.example).toBeDefined();
  });

  test('names every route that the dialects are documented to have', () => {
    expect(Object.keys(description.paths)).toEqual(
      expect.arrayContaining([
        '/classify',
        '/models',
        '/v2/models/{model}/infer',
        '/v1/moderations',
        '/v1/classify',
        '/predict',
        '/v1alpha1/comments:analyze',
        '/v1alpha1/comments:suggestscore',
        '/$discovery/rest',
      ]),
    );
  });
});

describe('every documented route', () => {
  test('answers its own example as documented, and well unless it is about an item that is not there', async () => {
    for (const operation of operations()) {
      const example = operation.requestBody?.content['application/json']?.example;
      const init = example === undefined ? {} : { headers: json, body: JSON.stringify(example) };
      expect(await undocumented(operation, place(operation.path), init)).toBeUndefined();
      const { status } = await fetch(server.url + place(operation.path), { ...init, method: operation.method });
      expect(status, operation.operationId).toBe(operation.path.startsWith('/review/{') ? 404 : 200);
    }
  });

  test('refuses a model that is not here as documented', async () => {
    for (const operation of operations().filter(({ path }) => path.includes('{'))) {
      const example = operation.requestBody?.content['application/json']?.example;
      const init = example === undefined ? {} : { headers: json, body: JSON.stringify(example) };
      expect(await undocumented(operation, place(operation.path, { api: 'maps' }), init)).toBeUndefined();
      expect((await fetch(server.url + place(operation.path, { api: 'maps' }), { ...init, method: operation.method })).status).toBe(404);
    }
  });

  const long = 'harbour '.repeat(40);
  const bodies: readonly [string, unknown, Record<string, string>][] = [
    ['no body', undefined, json],
    ['no JSON', '{"text": ', json],
    ['JSON of another form', '[1]', json],
    ['null', 'null', json],
    ['an empty object', '{}', json],
    ['deep nesting', '['.repeat(1_000) + ']'.repeat(1_000), json],
    ['another media type', '{}', { 'content-type': 'text/plain' }],
    ...[true, false, {}, { label: 'news' }, { label: '' }, { label: 'sport' }, 'yes', 1, null].map(
      (explain): [string, unknown, Record<string, string>] => [
        `explain: ${JSON.stringify(explain)}`,
        JSON.stringify({ text: 'The council voted', explain }),
        json,
      ],
    ),
    ['a compressed body', '{}', { ...json, 'content-encoding': 'gzip' }],
    ['too large a body', JSON.stringify('a'.repeat(6_000)), json],
    ...[null, 5, '', [], [''], [[]], [['a', 'b', 'c']], ['a', 'b'], [1, 2], long, Array(6).fill('a'), { text: 'a' }].map(
      (value): [string, unknown, Record<string, string>] => [
        `${JSON.stringify(value).slice(0, 30)} for the text`,
        JSON.stringify({ text: value, input: value, inputs: value, comment: value, requestedAttributes: { hoax: {} } }),
        json,
      ],
    ),
  ];
  test.each(bodies)('that reads a body refuses or answers %s as documented', async (_what, body, headers) => {
    for (const operation of operations().filter(({ requestBody }) => requestBody)) {
      const init = { headers, ...(body === undefined ? {} : { body: body as string }) };
      expect(await undocumented(operation, place(operation.path), init)).toBeUndefined();
    }
  });

  test('says which methods it takes to whoever uses another', async () => {
    for (const path of Object.keys(description.paths)) {
      const response = await fetch(server.url + place(path), { method: 'DELETE' });
      const allowed = Object.keys(description.paths[path]!).map((method) => method.toUpperCase());
      expect([path, response.status]).toEqual([path, 405]);
      expect(response.headers.get('allow')?.split(', ')).toEqual(expect.arrayContaining(allowed));
    }
  });
});
