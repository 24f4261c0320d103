/** @file Mounts other services' protocols: paths, keys and bodies are handled here, the rest is in their own files. */
import type { TLSSocket } from 'node:tls';
import type { Express, Request, RequestHandler } from 'express';
import type { Access } from '../../access/index.js';
import type { Ask, Desk, Limits } from '../../desk/index.js';
import {
  type Dialect,
  type DialectAnswer,
  type DialectContext,
  type DialectRoute,
  dialects,
  type FeedbackSink,
} from '../../dialects/index.js';
import { checkTexts } from '../../protocol/index.js';
import { type ExchangeHandler, type ExchangeResponse, sendJson, whenGone } from '../intake/exchange.js';
import { deskOf, guard } from '../intake/guard.js';
import { open } from '../intake/open-route.js';
import { type JsonAndTail, readJsonAndTail } from '../intake/read-json.js';
import { setTimings } from './classify-route.js';

export type DialectDeps = Omit<DialectContext, 'desk' | 'clock'> & {
  readonly access: Access;
  readonly desk: Desk;
  readonly limits: Limits;
};

/** Comes before everything that may refuse: whoever speaks a dialect is refused in it too. */
export const speakDialects: RequestHandler = (request, response, next) => {
  const dialect = dialects.find(({ owns }) => owns.test(request.path));
  if (dialect)
    (response as ExchangeResponse).locals.refuse = (error) => ({ status: dialect.statusFor(error.code), ...dialect.refuse(error) });
  next();
};

/** @param otherMethods answers what a path does not take */
export function mountDialects(
  app: Express,
  deps: DialectDeps,
  otherMethods: (name: string, ...methods: readonly string[]) => ExchangeHandler,
): void {
  for (const route of dialects.flatMap(({ routes }: Dialect) => routes)) {
    const { name, scope } = route;
    const first = scope ? guard(deps.access, { name, scope, queryKey: route.keyIn === 'query' }) : open(name);
    const mounted = app.route(expressPath(route.path));
    if (route.method === 'GET') mounted.get(first, answerRoute(route, deps)).all(otherMethods(name, 'GET', 'HEAD'));
    else mounted.post(first, answerRoute(route, deps)).all(otherMethods(name, 'POST'));
  }
}

/** `/v2/models/{model}` → `/v2/models/:model`; all else that Express would read as a pattern stands for itself. */
export function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}|[.*+?^$()[\]\\|:!]/g, (match, name?: string) => (name ? `:${name}` : `\\${match}`));
}

function answerRoute(route: DialectRoute, { access, desk, limits, ...context }: DialectDeps) {
  return async (request: Request, response: ExchangeResponse): Promise<void> => {
    const { body, tail } = route.request ? await readBody(route, request, response, limits) : noBody;
    const answer = await route.answer(
      {
        id: response.locals.id,
        params: request.params as Record<string, string>,
        query: queryOf(request),
        body,
        tail,
        origin: originOf(request),
      },
      {
        ...context,
        feedback: feedbackOf(context.feedback, response),
        clock: Date.now,
        desk: limited(deskOf(access, desk, response), response, limits),
      },
    );
    send(response, answer);
  };
}

/** Whoever asks is kept with what they say. */
function feedbackOf(feedback: FeedbackSink | undefined, { locals }: ExchangeResponse): FeedbackSink | undefined {
  return feedback && ((suggestion) => feedback({ ...suggestion, client: locals.client?.id }));
}

const noBody: JsonAndTail = { body: undefined, tail: new Uint8Array() };

async function readBody(route: DialectRoute, request: Request, response: ExchangeResponse, limits: Limits): Promise<JsonAndTail> {
  return readJsonAndTail(request, response, limits, route.jsonLengthHeader);
}

/** What every way to ask has in common: bounds, what is logged, timings, and that nothing is done for clients who have gone. */
function limited(desk: Desk, response: ExchangeResponse, limits: Limits): Desk {
  return {
    ...desk,
    thresholds: (model) => desk.thresholds(model, response.locals.client?.id),
    async ask(ask: Ask) {
      const { name, version } = ask.model.manifest;
      Object.assign(response.locals, { model: name, version, texts: ask.texts.length });
      checkTexts(ask.texts, limits);
      const reply = await desk.ask({ ...ask, signal: whenGone(response) });
      setTimings(response, reply.timings);
      return reply;
    },
  };
}

function send(response: ExchangeResponse, { status = 200, headers = {}, body }: DialectAnswer): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (body instanceof Uint8Array) {
    response.statusCode = status;
    response.setHeader('content-length', body.length);
    response.end(body);
  } else sendJson(response, status, body);
}

function queryOf({ url }: Request): URLSearchParams {
  const at = url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
}

/** As the client wrote it, when that can be written back safely; a proxy must pass on `Host`, and `X-Forwarded-Proto` where it ends TLS. */
function originOf({ headers, socket }: Request): string {
  const host = /^[\w.-]+(?::\d+)?$|^\[[\da-f:.]+\](?::\d+)?$/i.test(headers.host ?? '') ? headers.host! : `localhost:${socket.localPort}`;
  const secure = (socket as Partial<TLSSocket>).encrypted === true || headers['x-forwarded-proto'] === 'https';
  return `${secure ? 'https' : 'http'}://${host}`;
}
