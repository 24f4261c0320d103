/** @file `/jobs`: files of texts, taken on now and answered when there is nothing more urgent. */
import type { Express, Request } from 'express';
import type { Access } from '../../access/index.js';
import type { Desk, Limits } from '../../desk/index.js';
import { contentKindOf, type Jobs, resultTypes, tooLarge } from '../../jobs/index.js';
import { ServiceError } from '../../protocol/index.js';
import { type ExchangeHandler, type ExchangeResponse, sendJson } from '../intake/exchange.js';
import { guard } from '../intake/guard.js';
import { parseQuery } from '../intake/parse-query.js';
import { ClientGone } from '../intake/read-json.js';
import { jobHeaders, jobOperations, jobQuery } from './job-operations.js';
import { sendRange } from './send-range.js';

export type JobRouteDeps = {
  readonly access: Access;
  readonly desk: Desk;
  readonly limits: Limits;
  readonly draining: () => boolean;
  /** Absent: there are no jobs, and none of these paths. */
  readonly jobs?: Jobs | undefined;
};

type Act = (request: Request, response: ExchangeResponse, client: string) => Promise<void>;

/** @param otherMethods answers what a path does not take */
export function mountJobs(
  app: Express,
  { access, desk, limits, jobs, draining }: JobRouteDeps,
  otherMethods: (name: string, ...methods: readonly string[]) => ExchangeHandler,
): void {
  if (!jobs) return;
  const acts = actsOf(jobs, desk, limits, draining);
  const route = (name: keyof typeof acts): [ExchangeHandler, ExchangeHandler] => [
    guard(access, { name: jobOperations[name].name, scope: 'jobs', local: true }),
    (request, response) => acts[name](request, response, response.locals.client?.id ?? ''),
  ];
  app.route('/jobs').get(...route('list')).post(...route('create')).all(otherMethods('jobs', 'GET', 'HEAD', 'POST')); // biome-ignore format: a table
  app.route('/jobs/:id').get(...route('find')).delete(...route('remove')).all(otherMethods('job', 'GET', 'HEAD', 'DELETE')); // biome-ignore format: a table
  app.route('/jobs/:id/cancel').post(...route('cancel')).all(otherMethods('jobs-cancel', 'POST')); // biome-ignore format: a table
  app.route('/jobs/:id/result').get(...route('result')).all(otherMethods('jobs-result', 'GET', 'HEAD')); // biome-ignore format: a table
  app.route('/jobs/:id/errors').get(...route('errors')).all(otherMethods('jobs-errors', 'GET', 'HEAD')); // biome-ignore format: a table
}

function actsOf(jobs: Jobs, desk: Desk, limits: Limits, draining: () => boolean): { readonly [N in keyof typeof jobOperations]: Act } {
  return {
    async create(request, response, client) {
      if (draining())
        throw new ServiceError('draining', 'the server is stopping', 'send the file again later', {
          'retry-after': '5',
          connection: 'close',
        });
      const { model, format, text, pair, language } = parseQuery(jobQuery, request);
      const content = contentKindOf(request.headers['content-type']);
      const { key } = desk.catalogue.find(model);
      checkBody(request, limits);
      const fields = { ...(text === undefined ? {} : { text }), ...(pair === undefined ? {} : { pair }) };
      const asked = { client, key: keyOf(request), model: key, content, format, fields, ...(language === undefined ? {} : { language }) };
      const { job, replayed } = await jobs.create(asked, bytesOf(request));
      response.setHeader('location', `/jobs/${job.id}`);
      if (replayed) response.setHeader('idempotent-replayed', 'true');
      sendJson(response, 202, job);
    },
    list: async (_request, response, client) => sendJson(response, 200, { jobs: jobs.list(client) }),
    find: async (request, response, client) => sendJson(response, 200, jobs.find(client, idOf(request))),
    cancel: async (request, response, client) => sendJson(response, 200, await jobs.cancel(client, idOf(request))),
    remove: async (request, response, client) => sendJson(response, 200, await jobs.remove(client, idOf(request))),
    async result(request, response, client) {
      const { path, job } = jobs.file(client, idOf(request), 'result');
      await sendRange(request, response, { path, type: resultTypes[job.format], name: `${job.id}.${job.format}` });
    },
    async errors(request, response, client) {
      const { path, job } = jobs.file(client, idOf(request), 'errors');
      await sendRange(request, response, { path, type: resultTypes.jsonl, name: `${job.id}-errors.jsonl` });
    },
  };
}

const idOf = ({ params }: Request): string => String(params.id);

/** @throws ServiceError `invalid-request` */
function keyOf({ headers }: Request): string | undefined {
  const given = jobHeaders['idempotency-key'].safeParse(headers['idempotency-key']);
  if (given.success) return given.data;
  throw new ServiceError(
    'invalid-request',
    'the header idempotency-key is too long, or empty',
    'send up to 255 characters, such as a UUID',
  );
}

/** @throws ServiceError `unsupported-content-type`, `body-too-large` */
function checkBody({ headers }: Request, { jobBytes }: Limits): void {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw new ServiceError('unsupported-content-type', 'the body is compressed', 'send it as it is');
  if (Number(headers['content-length'] ?? 0) > jobBytes) throw tooLarge(jobBytes);
}

/** A connection that ends early must not look like the end of the file. */
async function* bytesOf(request: Request): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
  } catch {
    throw new ClientGone();
  }
  if (!request.complete) throw new ClientGone();
}
