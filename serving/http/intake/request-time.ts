/** @file How long a request may take to arrive, where Node's own bound must be wider for files. */
import type { RequestHandler } from 'express';
import { ServiceError } from '../../protocol/index.js';

/** @param isFile paths that may take as long as the server allows at all */
export function requestTime(ms: number, isFile: (path: string) => boolean): RequestHandler {
  return (request, _response, next) => {
    if (request.complete || isFile(request.path)) return next();
    const timer = setTimeout(() => {
      if (request.complete) return;
      next(new ServiceError('request-timeout', 'the request took too long to arrive', 'send it faster', { connection: 'close' }));
    }, ms);
    request.once('close', () => clearTimeout(timer)).once('end', () => clearTimeout(timer));
    next();
  };
}
