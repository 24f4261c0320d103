/** @file A file that does not change any more, whole or in part (RFC 9110, one range). */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Request } from 'express';
import { ServiceError } from '../../protocol/index.js';
import type { ExchangeResponse } from '../intake/exchange.js';

export type SentFile = { readonly path: string; readonly type: string; readonly name: string };

/** @throws ServiceError `range-unsatisfiable`, `unknown-job` for a file that is gone */
export async function sendRange(request: Request, response: ExchangeResponse, { path, type, name }: SentFile): Promise<void> {
  const file = await open(path, 'r').catch(() => {
    throw new ServiceError('unknown-job', 'what the job left is gone', 'send the file anew');
  });
  try {
    const { size, mtimeMs } = await file.stat();
    const etag = `"${size.toString(16)}-${Math.round(mtimeMs).toString(16)}"`;
    const range = rangeOf(request, size, etag);
    const { from, to } = range ?? { from: 0, to: size - 1 };
    response.statusCode = range ? 206 : 200;
    response.setHeader('content-type', `${type}; charset=utf-8`);
    response.setHeader('content-disposition', `attachment; filename="${name}"`);
    response.setHeader('content-length', to - from + 1);
    response.setHeader('accept-ranges', 'bytes');
    response.setHeader('etag', etag);
    if (range) response.setHeader('content-range', `bytes ${from}-${to}/${size}`);
    if (request.method === 'HEAD' || size === 0) return void response.end();
    // A client that leaves in the middle ends the exchange, and nothing is wrong with that.
    await pipeline(createReadStream('', { fd: file, start: from, end: to, autoClose: false }), response).catch(() => response.destroy());
  } finally {
    await file.close();
  }
}

type Range = { readonly from: number; readonly to: number };

/** `undefined`: all of it. What is no range of bytes, or several, or of another version of the file, is not looked at.
 *  @throws ServiceError `range-unsatisfiable` */
function rangeOf({ headers }: Request, size: number, etag: string): Range | undefined {
  const condition = headers['if-range'];
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? '') ?? [];
  if ((first === '' && last === '') || (condition !== undefined && condition !== etag)) return undefined;
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < from) return undefined;
  if (from <= to) return { from, to };
  const fix = 'ask for bytes that are there';
  throw new ServiceError('range-unsatisfiable', `the file has ${size} bytes`, fix, { 'content-range': `bytes */${size}` });
}
