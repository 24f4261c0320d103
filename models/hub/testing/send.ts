/** @file Answers of test servers: with ranges as real ones have them, and with the faults that real ones have too. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What goes wrong once, or `times` times, for requests whose `METHOD /path` matches. */
export type Fault = { readonly on: RegExp; times?: number } & (
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** The connection breaks, or nothing more comes, after so many bytes of the body. */
  | { readonly kind: 'cut' | 'stall'; readonly after: number }
  /** One byte is another. */
  | { readonly kind: 'damage' }
);

export type Seen = {
  readonly server: string;
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly authorization: string | undefined;
};

/** Takes the next fault for a request off the list, and notes the request. */
export function meet(request: IncomingMessage, server: string, faults: Fault[], seen: Seen[]): Fault | undefined {
  const { method = '', url = '', headers } = request;
  const { range, authorization } = headers;
  seen.push({ server, method, path: url, range, ifRange: headers['if-range'] as string | undefined, authorization });
  const at = faults.findIndex(({ on }) => on.test(`${method} ${url}`));
  const fault = faults[at];
  if (!fault) return undefined;
  fault.times = (fault.times ?? 1) - 1;
  if (fault.times <= 0) faults.splice(at, 1);
  return fault;
}

/** Sends bytes, or the range of them that was asked for. */
export function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  headers: Readonly<Record<string, string>>,
  fault?: Fault,
): void {
  if (fault?.kind === 'status') {
    sendJson(response, fault.status, { error: 'as the test wants it' }, fault.headers);
    return;
  }
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const ifRange = request.headers['if-range'];
  const whole = first === undefined || (ifRange !== undefined && ifRange !== headers.etag);
  const [from, to] = whole
    ? [0, bytes.length - 1]
    : [Number(first), Math.min(last ? Number(last) : Number.POSITIVE_INFINITY, bytes.length - 1)];
  if (from > bytes.length) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    return;
  }
  const body = Buffer.from(bytes.subarray(from, to + 1));
  if (fault?.kind === 'damage') body[body.length >> 1]! ^= 1;
  const range: Record<string, string> = whole ? {} : { 'content-range': `bytes ${from}-${to}/${bytes.length}` };
  response.writeHead(whole ? 200 : 206, { 'accept-ranges': 'bytes', 'content-length': body.length, ...headers, ...range });
  if (request.method === 'HEAD') response.end();
  // What a client has not read when its connection breaks is lost to it: on a busy machine it takes its time.
  else if (fault?.kind === 'cut') response.write(body.subarray(0, fault.after), () => setTimeout(() => response.destroy(), 500));
  else if (fault?.kind === 'stall') response.write(body.subarray(0, fault.after));
  else response.end(body);
}

export function sendJson(response: ServerResponse, status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
