/** @file Takes a port, and speaks to connections that HTTP itself gives up on. */
import type { Server, ServerOptions } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { UsageError } from '../../../models/index.js';
import type { Limits } from '../../desk/index.js';
import { errorResponse, type ServiceErrorCode, statusOf } from '../../protocol/index.js';

export const defaultPort = 8000;

/**
 * @param port `undefined`: the default port, or the first free one of the 20 after it
 * @returns the port taken
 * @throws UsageError `serving/start` when the port asked for is taken, or the address cannot be used
 */
export async function listen(server: Server, host: string, port: number | undefined): Promise<number> {
  const last = port ?? defaultPort + 20;
  for (let candidate = port ?? defaultPort; candidate <= last; candidate++) {
    try {
      return await tryPort(server, host, candidate);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE' && candidate < last) continue;
      const what = code === 'EADDRINUSE' ? `port ${candidate} on ${host} is taken` : `cannot listen on ${host}:${candidate} (${message})`;
      throw new UsageError('serving/start', `serve: ${what}`, 'choose another with --port and --host.');
    }
  }
  throw new Error('internal: no port was tried');
}

/**
 * Connections that may wait to be taken, of which Node takes one in each round of its event loop. Beyond them the system lets what clients send fall,
 * and they try again after seconds. The system's own bound (`net.core.somaxconn`) may be lower.
 */
const backlog = 4_096;

function tryPort(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

export type ConnectionLimits = Pick<Limits, 'connections' | 'headersMs' | 'requestMs' | 'jobMs' | 'keepAliveMs' | 'stallMs'>;

/** A few connections more than allowed are kept, so that a probe is answered, and others hear why they are not. */
const surplus = 32;

/** What `createServer` must be told from the start. @param files whether files are taken on, which arrive for longer than requests */
export function connectionOptions({ headersMs, requestMs, jobMs, keepAliveMs }: ConnectionLimits, files = false): ServerOptions {
  const headersTimeout = Math.min(headersMs, requestMs);
  return {
    headersTimeout,
    // With files, Node's bound is theirs; that of other requests is kept by `requestTime`.
    requestTimeout: files ? Math.max(jobMs, requestMs) : requestMs,
    keepAliveTimeout: keepAliveMs,
    // Node looks for late requests every 30 s, unless it is told to do so more often.
    connectionsCheckingInterval: Math.max(20, Math.min(2_000, Math.floor(headersTimeout / 4))),
  };
}

export type ConnectionGuard = {
  /** Whether a connection is one too many. */
  tooMany(socket: Socket): boolean;
  /** To be called before the server listens. */
  watch(server: Server): void;
};

/**
 * Bounds how many clients there are and how long a slow or silent one may hold a connection, and answers malformed HTTP in JSON as
 * everything else.
 */
export function guardConnections(limits: ConnectionLimits, onDrop: () => void): ConnectionGuard {
  const surplusOnes = new WeakSet<Socket>();
  let open = 0;
  const watch = (server: Server): void => {
    server.maxConnections = limits.connections + surplus;
    server.timeout = limits.stallMs;
    server.on('drop', onDrop);
    server.on('connection', (socket: Socket) => {
      if (++open > limits.connections) surplusOnes.add(socket);
      socket.once('close', () => open--);
    });
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
      const code = refusals[error.code ?? ''] ?? 'invalid-request';
      const messages = { 'headers-too-large': 'the headers are too large', 'request-timeout': 'the request took too long to arrive' };
      const message = messages[code as keyof typeof messages] ?? 'this is not well-formed HTTP';
      const body = JSON.stringify(errorResponse({ code, message, fix: 'send a complete HTTP/1.1 request' }));
      socket.end(
        `HTTP/1.1 ${statusOf[code]} Refused\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nx-content-type-options: nosniff\r\ncache-control: no-store\r\nconnection: close\r\n\r\n${body}`,
      );
    });
  };
  return { watch, tooMany: (socket) => surplusOnes.has(socket) };
}

const refusals: Readonly<Record<string, ServiceErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};
