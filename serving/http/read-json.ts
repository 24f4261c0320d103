/** @file A request's body: read within a bound, checked to be UTF-8 and JSON. */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../protocol/index.js';

/** A body up to this many times the limit is read to its end and thrown away, so that the client gets to see the refusal. */
const patience = 16;

/**
 * @param limit bytes
 * @throws ServiceError `unsupported-content-type`, `body-too-large`, `invalid-json`; `ClientGone` when the connection ends early
 */
export async function readJson(request: IncomingMessage, limit: number): Promise<unknown> {
  checkHeaders(request, limit);
  const bytes = await readBytes(request, limit);
  if (!isUtf8(bytes)) throw new ServiceError('invalid-json', 'the body is not UTF-8', 'encode it as UTF-8');
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  try {
    return JSON.parse(text);
  } catch (error) {
    const where = error instanceof Error ? /at position \d+|end of JSON input/.exec(error.message)?.[0] : undefined;
    const what = text.trim() === '' ? 'the body is empty' : `the body is not JSON${where ? ` (${where.replace('at', 'wrong at')})` : ''}`;
    throw new ServiceError('invalid-json', what, 'send {"text": "…"}');
  }
}

/** The connection ended before the request was complete: nobody is left to answer. */
export class ClientGone extends Error {}

function checkHeaders({ headers }: IncomingMessage, limit: number): void {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new ServiceError('unsupported-content-type', `the body is compressed (${encoding})`, 'send it as it is');
  }
  const type = headers['content-type'];
  if (type === undefined || !/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    const what = type === undefined ? 'the request has no content-type' : `the content-type is ${type.slice(0, 100)}`;
    throw new ServiceError('unsupported-content-type', what, 'send the header content-type: application/json');
  }
  const length = Number(headers['content-length'] ?? 0);
  if (length > limit * patience) throw tooLarge(limit);
}

function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
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
