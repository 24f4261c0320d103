/** @file One HTTP request: JSON in, JSON out, and the server's own words where it refuses. */
import { CopydeskError, type ProblemCode } from '../asking/index.js';
import { retryAfterOf } from './retry.js';

export type Server = {
  /** Ends in a slash. */
  readonly url: string;
  readonly headers: () => Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>>;
  readonly fetch: typeof fetch;
};

/**
 * @param path without a slash at its beginning
 * @param body sent with POST; without one, the request is a GET
 * @throws CopydeskError `unreachable`, `answer-invalid`, or what the server says; the signal's reason where it is raised
 */
export async function sendRequest(server: Server, path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
  const headers = { ...(await server.headers()), accept: 'application/json', ...(body === undefined ? {} : json) };
  let response: Response;
  let text: string;
  try {
    const ask = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    response = await server.fetch(server.url + path, { ...ask, headers, signal });
    text = await response.text();
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const why = error instanceof Error ? error.message : String(error);
    const fix = 'check the address, that the server runs, and, from a page of another origin, that its --cors names that origin';
    throw new CopydeskError('unreachable', `no answer from ${server.url}${path}: ${why}`, fix);
  }
  const answer = parse(text);
  if (response.ok && answer !== undefined) return answer;
  throw refusal(response, answer);
}

const json = { 'content-type': 'application/json' } as const;

function refusal(response: Response, answer: unknown): CopydeskError {
  const { status } = response;
  const retryAfter = retryAfterOf(response.headers, Date.now());
  const details = { status, ...(retryAfter === undefined ? {} : { retryAfter }) };
  const { code, message, fix } = fieldsOf(fieldsOf(answer).error);
  if (typeof code === 'string' && typeof message === 'string')
    return new CopydeskError(code as ProblemCode, message, typeof fix === 'string' ? fix : 'see what the server logged', details);
  const what = `${response.url} answered ${status} in a form that is not Copydesk's`;
  return new CopydeskError('answer-invalid', what, 'check that the address is that of a Copydesk server', details);
}

export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
