/** @file What stands before a route: who asks, whether they may, and whether they have not asked too often. */
import type { Request } from 'express';
import type { Access, Charge, Client, Scope } from '../../access/index.js';
import type { Ask, Desk } from '../../desk/index.js';
import type { ExchangeHandler, ExchangeResponse } from './exchange.js';
import { isLocal } from './local-request.js';
import { leftOf, shorterTimeout } from './timeout-header.js';

export type GuardOptions = {
  /** As logs and metrics call the route. */
  readonly name: string;
  readonly scope: Scope;
  /** Whether the query may hold the key, as `key`. Addresses end up in logs and histories: only where a protocol wants it so. */
  readonly queryKey?: boolean;
  /** Whether, where no keys are asked for, whoever sits at this machine may all the same. */
  readonly local?: boolean;
};

/** Must come before the body is read, so that nothing is spent on those who are refused. */
export function guard(access: Access, { name, scope, queryKey = false, local = false }: GuardOptions): ExchangeHandler {
  return (request, response, next) => {
    response.locals.route = name;
    const client = identify(access, request, queryKey);
    response.locals.client = client;
    if (!(local && !access.keyed && isLocal(request))) access.permit(client, scope);
    spend(response, access.charge(client, 'requests', 1));
    next();
  };
}

/** The desk as this client sees it: its texts are counted, and everything is asked in its name and for as long as it waits. */
export function deskOf(access: Access, desk: Desk, response: ExchangeResponse): Desk {
  return {
    ...desk,
    async ask(given: Ask) {
      const { client, span, accepted } = response.locals;
      const timeoutMs = leftOf(shorterTimeout(response.req.headers, given.timeoutMs), response.locals.spent());
      const ask = { ...given, timeoutMs, accepted, span };
      if (!client) return desk.ask(ask);
      spend(response, access.charge(client, 'texts', ask.texts.length));
      return desk.ask({ ...ask, client: client.id });
    },
  };
}

function identify(access: Access, { headers, ip, socket, url }: Request, queryKey: boolean): Client {
  const query = url.indexOf('?');
  const key = queryKey && query >= 0 ? (new URLSearchParams(url.slice(query + 1)).get('key') ?? undefined) : undefined;
  return access.identify({ headers, queryKey: key, address: ip ?? socket.remoteAddress });
}

/** What the client has left goes out with its answer; what it paid for comes back if the answer is that the server could not. */
function spend(response: ExchangeResponse, { headers, refund }: Charge): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.once('finish', () => {
    if (response.statusCode >= 500 || response.statusCode === 429) refund();
  });
}
