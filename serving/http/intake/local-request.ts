/** @file Whether a request comes from a person, or a program, at this very machine. */
import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../../access/index.js';

/** Headers that a proxy leaves: what stands behind it may be anybody. */
const ofProxies = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/**
 * The connection is from this machine and no proxy says to have passed it on. The name by which the server was called is one of this
 * machine, and a browser says of no other page that it asks: a page elsewhere can let its own name lead here.
 */
export function isLocal({
  socket,
  headers,
}: Pick<IncomingMessage, 'headers'> & { readonly socket: { readonly remoteAddress?: string | undefined } }): boolean {
  if (!isLoopback((socket.remoteAddress ?? '').replace(/^::ffff:/, ''))) return false;
  if (ofProxies.some((name) => headers[name] !== undefined)) return false;
  if (!URL.canParse(`http://${headers.host}`) || !isLoopback(hostOf(`http://${headers.host}`))) return false;
  const { origin } = headers;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === headers.host);
}

const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '');
