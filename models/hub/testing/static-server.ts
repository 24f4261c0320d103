/** @file Any web server: files below a folder, ranges, nothing else. */
import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { sha256 } from './hub-store.js';
import { listening } from './listening.js';
import { type Fault, meet, type Seen, sendBytes } from './send.js';

export type StaticServer = { readonly url: string; readonly faults: Fault[]; readonly seen: Seen[]; close(): Promise<void> };

/** @param weak whether its ETags are weak, as those of servers that compress
 *  @param ranges whether it knows ranges; the smallest servers do not */
export async function startStatic(folder: string, { weak = false, ranges = true } = {}): Promise<StaticServer> {
  const [faults, seen]: [Fault[], Seen[]] = [[], []];
  const { url, close } = await listening(async (request, response) => {
    const fault = meet(request, 'web', faults, seen);
    if (!ranges) delete request.headers.range;
    const path = join(folder, normalize(decodeURIComponent(request.url ?? '/')));
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes) sendBytes(request, response, bytes, { etag: `${weak ? 'W/' : ''}"${sha256(bytes)}"` }, fault);
    else response.writeHead(404).end('not here');
  });
  return { url, faults, seen, close };
}
