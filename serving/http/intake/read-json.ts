/** @file A request's body: read within a bound, checked to be UTF-8 and JSON. */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Limits } from '../../desk/index.js';
import { ServiceError, shown } from '../../protocol/index.js';
import type { HeldBytes } from './byte-budget.js';
import type { ExchangeResponse } from './exchange.js';
import { checkJsonShape, type JsonBounds } from './json-shape.js';

export type BodyLimits = Pick<Limits, 'bodyBytes' | 'jsonDepth' | 'texts'>;

/** A body up to this many times the limit is read to its end and thrown away, so that the client gets to see the refusal. */
const patience = 16;

/** @throws ServiceError `unsupported-content-type`, `body-too-large`, `queue-full`, `invalid-json`, `invalid-request`, `too-many-texts`; `ClientGone` when the connection ends early */
export async function readJson(request: IncomingMessage, response: ExchangeResponse, limits: BodyLimits): Promise<unknown> {
  const { bodyBytes } = limits;
  checkHeaders(request, bodyBytes);
  checkType(request);
  const bytes = await readBytes(request, bodyBytes, response.locals.body);
  await response.locals.turn();
  return decodeJson(bytes, boundsOf(limits), 'send {"text": "…"}');
}

export type JsonAndTail = { readonly body: unknown; readonly tail: Uint8Array };

/**
 * A body of another protocol: JSON, behind which bytes may follow.
 *
 * @param lengthHeader names the header that says how many bytes are JSON; where it is given, no content-type is asked for
 * @throws as `readJson`
 */
export async function readJsonAndTail(
  request: IncomingMessage,
  response: ExchangeResponse,
  limits: BodyLimits,
  lengthHeader: string | undefined,
): Promise<JsonAndTail> {
  const { bodyBytes } = limits;
  checkHeaders(request, bodyBytes);
  if (lengthHeader === undefined) checkType(request);
  const bytes = await readBytes(request, bodyBytes, response.locals.body);
  await response.locals.turn();
  const given = lengthHeader === undefined ? undefined : request.headers[lengthHeader];
  const length = given === undefined ? bytes.length : Number(given);
  if (!Number.isInteger(length) || length < 0 || length > bytes.length) {
    const what = `${lengthHeader} is ${String(given).slice(0, 20)}, of a body of ${bytes.length} bytes`;
    throw new ServiceError('invalid-request', what, 'give the number of bytes that are JSON');
  }
  const body = decodeJson(bytes.subarray(0, length), boundsOf(limits), 'GET /openapi.json describes what is accepted');
  return { body, tail: bytes.subarray(length) };
}

function decodeJson(bytes: Buffer, bounds: JsonBounds, fix: string): unknown {
  checkJsonShape(bytes, bounds);
  if (!isUtf8(bytes)) throw new ServiceError('invalid-json', 'the body is not UTF-8', 'encode it as UTF-8');
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  try {
    return JSON.parse(text);
  } catch (error) {
    const where = error instanceof Error ? /at position \d+|end of JSON input/.exec(error.message)?.[0] : undefined;
    const what = text.trim() === '' ? 'the body is empty' : `the body is not JSON${where ? ` (${where.replace('at', 'wrong at')})` : ''}`;
    throw new ServiceError('invalid-json', what, fix);
  }
}

/** A text takes three values where it is one of a pair or of a list of parts; the rest is for what else a request says. */
function boundsOf({ jsonDepth, texts }: BodyLimits): JsonBounds {
  return { depth: jsonDepth, values: 1_000 + 4 * texts };
}

/** The connection ended before the request was complete: nobody is left to answer. */
export class ClientGone extends Error {}

function checkHeaders({ headers }: IncomingMessage, limit: number): void {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new ServiceError('unsupported-content-type', 'the body is compressed', 'send it as it is');
  }
  const length = Number(headers['content-length'] ?? 0);
  if (length > limit * patience) throw tooLarge(limit);
}

function checkType({ headers }: IncomingMessage): void {
  const type = headers['content-type'];
  if (type === undefined || !/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    const what = type === undefined ? 'the request has no content-type' : `the content-type is ${shown(type, 'another')}`;
    throw new ServiceError('unsupported-content-type', what, 'send the header content-type: application/json');
  }
}

function readBytes(request: IncomingMessage, limit: number, held: HeldBytes): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const keep = (chunk: Buffer): void => {
      try {
        held.hold(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        chunks.length = 0;
        reject(error);
      }
    };
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) keep(chunk);
      else if (size > limit * patience) reject(tooLarge(limit));
    });
    request.on('end', () => {
      const [only] = chunks;
      if (size > limit) reject(tooLarge(limit));
      else resolve(chunks.length === 1 && only ? only : Buffer.concat(chunks));
    });
    const gone = (): void => {
      if (!request.readableEnded) reject(new ClientGone());
    };
    request.on('error', gone).on('close', gone);
  });
}

function tooLarge(limit: number): ServiceError {
  return new ServiceError('body-too-large', `the body is larger than ${limit} bytes`, 'send fewer or shorter texts', {
    connection: 'close',
  });
}
