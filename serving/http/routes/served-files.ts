/** @file Files that may be fetched: a list made when the server starts. No part of a request ever becomes a path. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { pipeline } from 'node:stream';
import type { Request } from 'express';
import { manifestFile } from '../../../models/index.js';
import type { Catalogue } from '../../desk/index.js';
import { ServiceError } from '../../protocol/index.js';
import type { ExchangeResponse } from '../intake/exchange.js';

export type ServedFile = {
  readonly path: string;
  readonly type: string;
  readonly bytes: number;
  readonly etag: string;
  /** The same, packed when it was built; for those who take it. */
  readonly packed?: { readonly path: string; readonly bytes: number };
};
/** By URL path. */
export type ServedFiles = ReadonlyMap<string, ServedFile>;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
};

/** Own files only, no inline script, WebAssembly allowed. */
export const pagePolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Every file that the manifest of a served bundle lists, and the manifest itself, under `/bundles/NAME/VERSION/`. */
export async function bundleFiles({ models }: Catalogue): Promise<ServedFiles> {
  const files = new Map<string, ServedFile>();
  for (const { manifest, folder } of models) {
    const root = `/bundles/${manifest.name}/${manifest.version}/`;
    for (const { path, bytes, sha256 } of manifest.files) {
      files.set(root + path, { path: join(folder, path), type: typeOf(path), bytes, etag: `"${sha256.slice(0, 32)}"` });
    }
    files.set(root + manifestFile, await describe(join(folder, manifestFile)));
  }
  return files;
}

/** The built pages: `index.html` at `/`, `docs.html` at `/docs`, the rest under its own name; what lies there as `NAME.br` too goes out packed. Empty where they were not built. */
export async function pageFiles(folder: string): Promise<ServedFiles> {
  const files = new Map<string, ServedFile>();
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  for (const name of names) {
    const path = join(folder, name);
    if (name.endsWith(packedEnding) || !(await stat(path)).isFile()) continue;
    const packed = await stat(path + packedEnding).catch(() => undefined);
    const url = name === 'index.html' ? '/' : `/${name.replaceAll('\\', '/').replace(/\.html$/, '')}`;
    files.set(url, { ...(await describe(path)), ...(packed ? { packed: { path: path + packedEnding, bytes: packed.size } } : {}) });
  }
  return files;
}

const packedEnding = '.br';

/** @param files those that there are at this moment */
export function filesRoute(files: () => ServedFiles) {
  return (request: Request, response: ExchangeResponse): void => {
    const file = files().get(request.path);
    if (!file) throw new ServiceError('unknown-route', 'there is no such file', 'GET /models names the folder of each model');
    const packed = file.packed && request.acceptsEncodings('br', 'identity') === 'br' ? file.packed : undefined;
    const etag = packed ? file.etag.replace(/"$/, '-br"') : file.etag;
    if (file.packed) response.vary('accept-encoding');
    response.setHeader('etag', etag);
    response.setHeader('cache-control', 'no-cache');
    response.setHeader('content-security-policy', pagePolicy);
    if (request.headers['if-none-match'] === etag) {
      response.statusCode = 304;
      response.end();
      return;
    }
    response.setHeader('content-type', file.type);
    if (packed) response.setHeader('content-encoding', 'br');
    const { path, bytes } = packed ?? file;
    response.setHeader('content-length', bytes);
    if (request.method === 'HEAD') return void response.end();
    // Closes the file too when the client leaves in the middle.
    pipeline(createReadStream(path), response, () => {});
  };
}

async function describe(path: string): Promise<ServedFile> {
  const content = await readFile(path);
  const etag = `"${createHash('sha256').update(content).digest('hex').slice(0, 32)}"`;
  return { path, type: typeOf(path), bytes: content.length, etag };
}

const typeOf = (path: string): string => types[extname(path)] ?? 'application/octet-stream';
