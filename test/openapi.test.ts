/** @file Whether `/openapi.json` says what the server does: every documented route is asked well and badly, and each answer must be documented. */
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
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
  const limits = { texts: 5, characters: 200, bodyBytes: 4_000, jobBytes: 5_000 };
  const review = { file: join(dirname(policy), 'desk.db') };
  const jobs = { folder: join(dirname(policy), 'jobs'), perClient: 1_000 };
  server = await startServer({ models, policy, review, jobs, port: 0, workers: 1, logLevel: 'silent', page: '/nowhere', limits });
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
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const check = ajv.compile({ ...schema, components: description.components });
  if (check(type === 'application/json' ? JSON.parse(body) : body)) return undefined;
  return `${method} ${url}: ${response.status} is otherwise than documented: ${ajv.errorsText(check.errors)}`;
}

const json = { 'content-type': 'application/json' };

/** A request for each of an operation's examples: of JSON, of kinds of files, or of no body. */
function examplesOf({ requestBody }: Operation): readonly RequestInit[] {
  if (!requestBody) return [{}];
  return Object.entries(requestBody.content).map(([type, { example }]) => ({
    headers: { 'content-type': type },
    body: type === 'application/json' ? JSON.stringify(example) : String(example),
  }));
}

describe('the document', () => {
  test('is OpenAPI 3.1 with schemas that are schemas, and examples that fit them', () => {
    expect(description.openapi).toBe('3.1.0');
    const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
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
    for (const { requestBody } of operations())
      for (const { example } of Object.values(requestBody?.content ?? {})) expect(example).toBeDefined();
  });

  test('names every route that dialects, review and jobs are documented to have', () => {
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
        '/review/{id}/decision',
        '/feedback',
        '/jobs',
        '/jobs/{id}',
        '/jobs/{id}/result',
        '/jobs/{id}/errors',
      ]),
    );
  });
});

describe('every documented route', () => {
  test('answers its own examples as documented, and well unless it is about an item or a job that is not there', async () => {
    for (const operation of operations()) {
      const well = Number(Object.keys(operation.responses).find((status) => status.startsWith('2')));
      for (const init of examplesOf(operation)) {
        expect(await undocumented(operation, place(operation.path), init)).toBeUndefined();
        const { status } = await fetch(server.url + place(operation.path), { ...init, method: operation.method });
        expect(status, operation.operationId).toBe(/^\/(review|jobs)\/\{/.test(operation.path) ? 404 : well);
      }
    }
  });

  test('refuses a model that is not here as documented', async () => {
    for (const operation of operations().filter(({ path }) => path.includes('{'))) {
      const [init = {}] = examplesOf(operation);
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
      const response = await fetch(server.url + place(path), { method: 'PATCH' });
      const allowed = Object.keys(description.paths[path]!).map((method) => method.toUpperCase());
      expect([path, response.status]).toEqual([path, 405]);
      expect(response.headers.get('allow')?.split(', ')).toEqual(expect.arrayContaining(allowed));
    }
  });
});

describe('jobs', () => {
  const named = (id: string) => operations().find(({ operationId }) => operationId === id)!;
  const create = (body: string | Uint8Array<ArrayBuffer>, query = '', headers: Record<string, string> = { 'content-type': 'text/plain' }) =>
    fetch(`${server.url}/jobs${query}`, { method: 'POST', headers, body });
  const reached = (id: string, wanted: string): Promise<void> =>
    vi.waitFor(
      async () => {
        const { state } = (await (await fetch(`${server.url}/jobs/${id}`)).json()) as { state: string };
        expect(state).toBe(wanted);
      },
      { timeout: 20_000, interval: 20 },
    );

  test('one that is done is answered as documented: whole, in parts, beyond its end, and when it is forgotten', async () => {
    const { id } = (await (await create(`The council voted\n${'x'.repeat(300)}\n`)).json()) as { id: string };
    await reached(id, 'done');
    const asked: readonly [string, RequestInit, number][] = [
      ['job', {}, 200],
      ['jobs-result', {}, 200],
      ['jobs-result', { headers: { range: 'bytes=5-9' } }, 206],
      ['jobs-result', { headers: { range: 'bytes=999999-' } }, 416],
      ['jobs-errors', {}, 200],
      ['jobs-errors', { headers: { range: 'bytes=-3' } }, 206],
      ['jobs', {}, 200],
      ['jobs-delete', {}, 200],
      ['jobs-result', {}, 404],
    ];
    for (const [name, init, status] of asked) {
      const operation = named(name);
      const address = place(operation.path, { id });
      if (name !== 'jobs-delete')
        expect((await fetch(server.url + address, { ...init, method: operation.method })).status, name).toBe(status);
      expect(await undocumented(operation, address, init)).toBeUndefined();
    }
    expect((await fetch(`${server.url}/jobs/${id}`)).status).toBe(404);
  });

  test('answers with CSV, and says of one that failed that it has no result, as documented', async () => {
    const { id } = (await (await create('The harbour wall\n', '?format=csv')).json()) as { id: string };
    await reached(id, 'done');
    expect((await fetch(`${server.url}/jobs/${id}/result`)).headers.get('content-type')).toMatch(/^text\/csv/);
    expect(await undocumented(named('jobs-result'), `/jobs/${id}/result`)).toBeUndefined();
    const utf16 = new Uint8Array(Buffer.from('\ufeffThe harbour wall', 'utf16le'));
    const { id: failing } = (await (await create(utf16)).json()) as { id: string };
    await reached(failing, 'failed');
    expect(await undocumented(named('job'), `/jobs/${failing}`)).toBeUndefined();
    expect((await fetch(`${server.url}/jobs/${failing}/result`)).status).toBe(409);
    for (const name of ['jobs-result', 'jobs-errors'])
      expect(await undocumented(named(name), place(named(name).path, { id: failing }))).toBeUndefined();
  });

  test.each([
    ['another format', '?format=xml', {}, 400],
    ['a model that is not here', '?model=unknown', {}, 404],
    ['an empty key', '', { 'idempotency-key': '' }, 400],
    ['too long a name of a field', `?text=${'a'.repeat(201)}`, {}, 400],
  ])('refuses %s as documented', async (_what, query, headers: Record<string, string>, status) => {
    const init = { headers: { 'content-type': 'text/plain', ...headers }, body: 'The council voted\n' };
    expect((await create(init.body, query, init.headers)).status).toBe(status);
    expect(await undocumented(named('jobs-create'), `/jobs${query}`, init)).toBeUndefined();
  });

  test('refuses a key that stands for another file as documented', async () => {
    const headers = { 'content-type': 'text/plain', 'idempotency-key': 'k-1' };
    expect((await create('One\n', '', headers)).status).toBe(202);
    expect((await create('Another\n', '', headers)).status).toBe(422);
    expect(await undocumented(named('jobs-create'), '/jobs', { headers, body: 'Another\n' })).toBeUndefined();
  });
});
