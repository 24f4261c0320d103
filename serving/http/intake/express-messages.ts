/** @file Requests and responses that are Express's own from the moment Node makes them. */
import { IncomingMessage, type ServerOptions, ServerResponse } from 'node:http';
import type { Express } from 'express';

/**
 * Express gives each request and response that reaches it the prototype that it has for them. An object whose prototype is changed is slow from
 * then on in all that Node does with it, which costs more than all the rest of answering; made with that prototype, it stays as it is.
 *
 * @returns options of `createServer`; none where Node's own cannot be built upon
 */
export function expressMessages({ request, response }: Pick<Express, 'request' | 'response'>): ServerOptions {
  const [Request, Response] = [madeWith(IncomingMessage, request), madeWith(ServerResponse, response)];
  return Request && Response ? { IncomingMessage: Request, ServerResponse: Response } : {};
}

/** A constructor of what `Base` makes, with another prototype. As a function: what `Reflect.construct` makes is slower still. */
function madeWith<T extends typeof IncomingMessage | typeof ServerResponse>(Base: T, prototype: object): T | undefined {
  if (/^class\b/.test(Function.prototype.toString.call(Base))) return undefined; // cannot be called; Node has had functions so far
  const make = Base as unknown as (this: object, first: unknown, second: unknown) => void;
  function Made(this: object, first: unknown, second: unknown): void {
    make.call(this, first, second);
  }
  Made.prototype = prototype;
  return Made as unknown as T;
}
