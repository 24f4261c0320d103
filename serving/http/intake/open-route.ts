/** @file Stands before a route for everybody, where `guard` stands before the others. */
import type { ExchangeHandler } from './exchange.js';

/** @param name as logs and metrics call the route */
export function open(name: string): ExchangeHandler {
  return (_request, response, next) => {
    response.locals.route = name;
    next();
  };
}
