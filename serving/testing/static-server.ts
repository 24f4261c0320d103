/** @file Folders behind a plain static server, with what networks and hosts do to them. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

export type StaticOptions = {
  /** URL path prefix (ends in a slash) → folder. The longest prefix that fits is taken. */
  readonly folders: Readonly<Record<string, string>>;
  /** URL path → a page of our own. */
  readonly pages?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
};

export type StaticServer = {
  readonly url: string;
  /** Every path that was asked for, in order. */
  readonly asked: string[];
  /** Headers of every answer; may be changed. */
  headers: Readonly<Record<string, string>>;
  /** Answers whose path this fits come at so many bytes a second. */
  slow: { readonly path: RegExp; readonly pace: number } | undefined;
  /** Answers whose path this fits end after so many bytes of their body; each use takes one off `times`. */
  cut: { readonly path: RegExp; readonly after: number; times: number } | undefined;
  close(): Promise<void>;
};

/** A server that knows ranges and ETags, as static hosts do; no part of a request leads out of its folders. */
export async function startStatic({ folders, pages = {}, headers = {} }: StaticOptions): Promise<StaticServer> {
  const prefixes = Object.keys(folders).sort((a, b) => b.length - a.length);
  const read = async (path: string): Promise<Buffer | undefined> => {
    const page = pages[path];
    if (page !== undefined) return Buffer.from(page);
    const prefix = prefixes.find((one) => path.startsWith(one));
    if (prefix === undefined) return undefined;
    return readFile(join(folders[prefix]!, normalize(`/${path.slice(prefix.length)}`))).catch(() => undefined);
  };
  const http = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://static').pathname);
    server.asked.push(path);
    const body = await read(path);
    for (const [name, value] of Object.entries(server.headers)) response.setHeader(name, value);
    if (!body) return void response.writeHead(404).end();
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const rest = body.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, {
      'content-type': types[extname(path)] ?? (path in pages ? types['.html'] : 'application/octet-stream'),
      'content-length': rest.length,
      etag: `"${body.length}"`,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` } : {}),
    });
    const { cut, slow } = server;
    if (cut && cut.times > 0 && cut.path.test(path)) {
      cut.times -= 1;
      response.write(rest.subarray(0, cut.after), () => response.destroy());
    } else if (!slow?.path.test(path)) response.end(rest);
    else {
      const step = Math.max(1, Math.floor(slow.pace / 20));
      for (let at = 0; at < rest.length && !response.destroyed; at += step) {
        response.write(rest.subarray(at, at + step));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      response.end();
    }
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const server: StaticServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    asked: [],
    headers,
    slow: undefined,
    cut: undefined,
    close() {
      http.closeAllConnections();
      return new Promise((resolve) => http.close(() => resolve()));
    },
  };
  return server;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.wasm': 'application/wasm',
};

/** What makes a page cross-origin isolated: the condition for threads. */
export const isolated = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
} as const;

/** Own files only, no code made from strings, no workers made from blobs. */
export const strictPolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'";
