/** @file Bytes from an address over a network that may be slow, or cut in the middle. */
import { CopydeskError, type ProblemCode } from '../../asking/index.js';

export type DownloadOptions = {
  /** Of a server that asks for one; empty: none is sent. */
  readonly key: string;
  /** How many there must be. Default: as many as come. */
  readonly bytes?: number;
  /** Told how many have come; fewer than before where it had to begin again. */
  readonly onReceived?: (bytes: number) => void;
  /** Requests at most. Default 5. */
  readonly attempts?: number;
  /** Milliseconds without a byte after which the connection is given up and another tried. Default 20 000. */
  readonly stall?: number;
};

/** Milliseconds before the second request; doubles from there. */
const firstWait = 300;

/**
 * Goes on where it was cut, where the server can (`Range`), else from the beginning.
 *
 * @throws CopydeskError `unreachable` after the last attempt; at once `unauthorized`, `bundle/missing` or `bundle/hash` (longer than it should be)
 */
export async function download(url: string, options: DownloadOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { attempts = 5, bytes } = options;
  const held: Held = { chunks: [], length: 0, tag: undefined };
  for (let attempt = 1; ; attempt++) {
    try {
      await receive(url, held, options);
      if (bytes === undefined || held.length === bytes) return joined(held);
      throw new Error(`${held.length} of ${bytes} bytes came`);
    } catch (error) {
      if (error instanceof CopydeskError) throw error;
      if (attempt === attempts) throw unreachable(url, error);
      await new Promise((resolve) => setTimeout(resolve, firstWait * 2 ** (attempt - 1)));
    }
  }
}

type Held = {
  chunks: Uint8Array[];
  length: number;
  /** Of the version that the chunks are of. */
  tag: string | undefined;
};

async function receive(url: string, held: Held, { key, bytes, onReceived, stall = 20_000 }: DownloadOptions): Promise<void> {
  const { signal, moved, done } = watchdog(stall);
  try {
    const rest: Record<string, string> =
      held.length > 0 && held.tag !== undefined ? { range: `bytes=${held.length}-`, 'if-range': held.tag } : {};
    const headers = { ...rest, ...(key === '' ? {} : { authorization: `Bearer ${key}` }) };
    // Not from the browser's own cache without a question: a file that was damaged there would stay so.
    const response = await fetch(url, { headers, signal, cache: 'no-cache' });
    refuse(url, response);
    if (response.status !== 206) [held.chunks, held.length] = [[], 0];
    // What is packed on its way has other places in it than the file.
    const tag = response.headers.get('etag');
    held.tag = tag !== null && !tag.startsWith('W/') && response.headers.get('content-encoding') === null ? tag : undefined;
    const reader = response.body!.getReader();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      moved();
      held.chunks.push(chunk.value);
      held.length += chunk.value.length;
      if (bytes !== undefined && held.length > bytes) throw damaged(url);
      onReceived?.(held.length);
    }
  } finally {
    done();
  }
}

/** Raised when nothing has moved for so long. */
function watchdog(milliseconds: number): { readonly signal: AbortSignal; moved(): void; done(): void } {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new Error(`no byte came for ${milliseconds / 1000} s`));
  let timer = setTimeout(stop, milliseconds);
  return {
    signal: controller.signal,
    moved() {
      clearTimeout(timer);
      timer = setTimeout(stop, milliseconds);
    },
    done: () => clearTimeout(timer),
  };
}

/** What another attempt would not change. */
const refusals: Readonly<Record<number, { readonly code: ProblemCode; readonly fix: string }>> = {
  401: { code: 'unauthorized', fix: 'give the key of the server that has it' },
  403: { code: 'forbidden', fix: 'give a key that may read models' },
  404: { code: 'bundle/missing', fix: 'check the address: it is the folder that holds copydesk.json' },
  410: { code: 'bundle/missing', fix: 'check the address: it is the folder that holds copydesk.json' },
};

function refuse(url: string, { ok, status }: Response): void {
  if (ok) return;
  const refusal = refusals[status];
  if (refusal) throw new CopydeskError(refusal.code, `${url} was answered with ${status}`, refusal.fix, { status });
  throw new Error(`it was answered with ${status}`);
}

function joined({ chunks, length }: Held): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

export const damaged = (where: string): CopydeskError =>
  new CopydeskError('bundle/hash', `${where} is damaged: it is not the file that the manifest describes`, 'ask again; if it stays so, put the bundle there again'); // biome-ignore format: one idea

function unreachable(url: string, error: unknown): CopydeskError {
  const why = error instanceof Error ? error.message : String(error);
  return new CopydeskError('unreachable', `${url} could not be fetched: ${why}`, 'check the network and the address, and ask again');
}
