/** @file The server described by itself: OpenAPI 3.1, made from the schemas that check requests and write answers. */
import { z } from 'zod';
import { type Dialect, dialects } from '../../dialects/index.js';
import {
  errorCodes,
  errorResponseSchema,
  type Operation,
  type RefusalGroup,
  type ServiceErrorCode,
  statusOf,
} from '../../protocol/index.js';
import { timeoutHeader } from '../intake/timeout-header.js';

/** A group of operations that are refused in the same words. */
type Protocol = Pick<Dialect, 'name' | 'title' | 'statusFor' | 'refusalSchema'> & { readonly operations: readonly Operation[] };

export type OpenApiOptions = { readonly version: string; readonly keyed: boolean; readonly own: readonly Operation[] };

export function openApi({ version, keyed, own }: OpenApiOptions): object {
  const ours: Protocol = {
    name: 'copydesk',
    title: 'Copydesk',
    statusFor: (code) => statusOf[code],
    refusalSchema: errorResponseSchema,
    operations: own,
  };
  const protocols = [ours, ...dialects.map((dialect): Protocol => ({ ...dialect, operations: dialect.routes }))];
  const paths: Record<string, Record<string, object>> = {};
  for (const protocol of protocols)
    for (const operation of protocol.operations) {
      paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: describe(operation, protocol, keyed) };
    }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Copydesk',
      version,
      description: 'Verdicts on texts. Each group of routes but the first is the protocol of another service, for its own clients.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: protocols.map(({ name, title }) => ({ name, description: title })),
    paths,
    components: {
      schemas: Object.fromEntries(protocols.map(({ name, refusalSchema }) => [refusalName(name), jsonSchema(refusalSchema, 'output')])),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        header: { type: 'apiKey', in: 'header', name: 'x-api-key' },
        query: { type: 'apiKey', in: 'query', name: 'key' },
      },
    },
  };
}

function describe(operation: Operation, protocol: Protocol, keyed: boolean): object {
  const { name, summary, scope, keyIn, request, example, files, answers } = operation;
  return {
    operationId: name,
    tags: [protocol.name],
    summary,
    ...(keyed && scope ? { security: [{ bearer: [] }, { header: [] }, ...(keyIn === 'query' ? [{ query: [] }] : [])] } : {}),
    parameters: parametersOf(operation),
    ...(request
      ? { requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(request, 'input'), example } } } }
      : {}),
    ...(files ? { requestBody: { required: true, content: filesOf(files) } } : {}),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, contentOf(answer, Number(status))])),
      ...refusalsOf(operation, protocol),
    },
  };
}

const filesOf = (files: Readonly<Record<string, string>>): object =>
  Object.fromEntries(Object.entries(files).map(([type, example]) => [type, { schema: { type: 'string' }, example }]));

function parametersOf({ path, params = {}, query = {}, headers = {}, refusals, scope }: Operation): readonly object[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  return [
    ...names.map((name) => {
      const schema = params[name] ? jsonSchema(params[name], 'input') : { type: 'string', minLength: 1 };
      return { name, in: 'path', required: true, schema };
    }),
    ...Object.entries(query).map(([name, schema]) => ({ name, in: 'query', required: false, schema: jsonSchema(schema, 'input') })),
    ...Object.entries(headers).map(([name, schema]) => ({ name, in: 'header', required: false, schema: jsonSchema(schema, 'input') })),
    ...(refusals.includes('texts') && scope === 'classify' ? [timeoutParameter] : []),
  ];
}

const timeoutParameter = {
  name: timeoutHeader,
  in: 'header',
  required: false,
  description: 'Milliseconds in which the answer must be there.',
  schema: { type: 'integer', minimum: 1, maximum: 999_999_999 },
};

function contentOf(answer: Operation['answers'][number], status: number): object {
  const content = [answer].flat().map((form) => {
    if (typeof form === 'string') return [form, { schema: form.startsWith('text/') ? { type: 'string' } : {} }];
    return ['application/json', { schema: jsonSchema(form, 'output') }];
  });
  return { description: status < 400 ? 'The answer.' : 'The answer is no.', content: Object.fromEntries(content) };
}

/** Statuses of refusals that are not statuses of answers, each with the codes that it stands for. */
function refusalsOf({ answers, refusals }: Operation, { name, statusFor }: Protocol): Readonly<Record<string, object>> {
  const byStatus = new Map<number, ServiceErrorCode[]>();
  for (const code of errorCodes) {
    const group = groups[code];
    if (group !== 'every' && !refusals.includes(group as RefusalGroup)) continue;
    const status = statusFor(code);
    if (!(status in answers)) byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const schema = { $ref: `#/components/schemas/${refusalName(name)}` };
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      { description: `Refused: ${codes.join(', ')}.`, ...headersOf(codes), content: { 'application/json': { schema } } },
    ]),
  );
}

function headersOf(codes: readonly ServiceErrorCode[]): object {
  const later = codes.some((code) => statusOf[code] === 429 || statusOf[code] === 503);
  return later ? { headers: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } } } : {};
}

/** Which operations can give a refusal; `none`: whoever follows this description never sees it. */
const groups: { readonly [C in ServiceErrorCode]: RefusalGroup | 'every' | 'none' } = {
  'invalid-json': 'body',
  'invalid-request': 'body',
  unsupported: 'foreign',
  unauthorized: 'access',
  forbidden: 'access',
  'unknown-model': 'model',
  'unknown-label': 'label',
  'labels-unexpected': 'label',
  'unknown-route': 'none',
  'unknown-item': 'item',
  'unknown-job': 'job',
  'job-unfinished': 'range',
  'range-unsatisfiable': 'range',
  'key-reused': 'upload',
  'too-many-jobs': 'upload',
  'storage-full': 'upload',
  'item-taken': 'item',
  'method-not-allowed': 'none',
  'request-timeout': 'none',
  'body-too-large': 'body',
  'unsupported-content-type': 'body',
  'too-many-texts': 'texts',
  'text-too-long': 'texts',
  'pair-missing': 'texts',
  'pair-unexpected': 'texts',
  'model-in-use': 'admin',
  'model-refused': 'admin',
  'queue-full': 'body',
  'rate-limited': 'access',
  'quota-exceeded': 'access',
  'headers-too-large': 'none',
  internal: 'every',
  'model-failed': 'texts',
  draining: 'texts',
  'not-ready': 'texts',
  'too-many-connections': 'every',
  'deadline-exceeded': 'texts',
  'store-unavailable': 'store',
};

const refusalName = (protocol: string): string => `${protocol}-refusal`;

/** `input`: what may be sent; `output`: what comes, and nothing besides. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
