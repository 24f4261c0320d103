/** @file Which other origins may ask from a browser: none, unless they were named. */
import type { NextFunction, Request, Response } from 'express';

/** What a page may read of an answer, besides its body. */
const exposed =
  'retry-after, retry-after-ms, ratelimit, ratelimit-policy, server-timing, x-request-id, ' +
  ['limit', 'remaining', 'reset'].flatMap((what) => ['requests', 'texts'].map((unit) => `x-ratelimit-${what}-${unit}`)).join(', ');

/**
 * No credentials are ever allowed: keys are sent in headers, by those who have them.
 *
 * @param origins as browsers send them, `https://example.org`; `*` is every one
 */
export function cors(origins: readonly string[]) {
  const all = origins.includes('*');
  return (request: Request, response: Response, next: NextFunction): void => {
    const { origin } = request.headers;
    if (!all && origins.length > 0) response.vary('origin');
    if (origin === undefined || (!all && !origins.includes(origin))) return void next();
    response.setHeader('access-control-allow-origin', all ? '*' : origin);
    response.setHeader('access-control-expose-headers', exposed);
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return void next();
    response.locals.route = 'preflight';
    response.setHeader('access-control-allow-methods', 'GET, HEAD, POST, PUT, PATCH, DELETE');
    // Clients send headers of their own, such as the x-stainless-… of OpenAI's; none of them is more than a header here.
    const asked = request.headers['access-control-request-headers'];
    if (asked !== undefined && /^[\w-]+( *, *[\w-]+)*$/.test(asked)) response.setHeader('access-control-allow-headers', asked);
    response.setHeader('access-control-max-age', '600');
    response.statusCode = 204;
    response.end();
  };
}
