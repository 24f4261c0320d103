/** @file `fetch` that tries again, gives up in time, and shows the hub's token to nobody but the hub. */
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../errors.js';

export type FetchOptions = {
  /** Who the token is for. */
  readonly token?: { readonly origin: string; readonly value: string | undefined };
  /** Whether `http:` may be used beyond this machine. Default false. */
  readonly insecure?: boolean;
  /** Tries in all for a request, or for a download that brings no byte further. Default 5. */
  readonly attempts?: number;
  /** How long nothing may come. Default 30 seconds. */
  readonly idleMs?: number;
  readonly wait?: (ms: number) => Promise<unknown>;
  /** Told before each wait. */
  readonly onRetry?: (what: string) => void;
};

/** What else reads from the network shares the patience of its `fetch`. */
export type CarefulFetch = {
  readonly fetch: typeof fetch;
  /** @returns whether there is another try after so many failures in a row; waits before it */
  again(failures: number, what: string, askedMs?: number): Promise<boolean>;
  readonly idleMs: number;
};

const redirects = new Set([301, 302, 303, 307, 308]);
const busy = new Set([429, 503]);
const passing = new Set([...busy, 500, 502, 504]);
/** Asking for these twice does what asking once does. */
const repeatable = new Set(['GET', 'HEAD', 'PUT']);

/** The `fetch` of it throws UsageError `hub/unreachable` where no answer came, and `usage/argument` for an address that is not allowed. */
export function carefulFetch(options: FetchOptions = {}): CarefulFetch {
  const { token, insecure = false, attempts = 5, idleMs = 30_000, wait = sleep, onRetry = () => {} } = options;

  async function again(failures: number, what: string, askedMs = 0): Promise<boolean> {
    if (failures >= attempts) return false;
    const ms = Math.min(60_000, Math.max(askedMs, 500 * 2 ** (failures - 1)));
    onRetry(`${what}; trying again in ${ms / 1000} s`);
    await wait(ms);
    return true;
  }

  async function persist(url: URL, init: RequestInit, method: string): Promise<Response> {
    for (let failures = 1; ; failures++) {
      const answer = await once(url, init, method, idleMs).catch((error: unknown) => error as Error);
      const retry = answer instanceof Response ? (repeatable.has(method) ? passing : busy).has(answer.status) : repeatable.has(method);
      if (answer instanceof Response && !retry) return answer;
      init.signal?.throwIfAborted();
      const what = `${url.host}: ${answer instanceof Response ? `status ${answer.status}` : reasonOf(answer)}`;
      const asked = answer instanceof Response ? 1000 * Number(answer.headers.get('retry-after') ?? 0) || 0 : 0;
      if (retry && (await again(failures, what, asked))) {
        if (answer instanceof Response) await answer.body?.cancel();
        continue;
      }
      if (answer instanceof Response) return answer;
      throw unreachable(what, failures);
    }
  }

  const careful = async (input: Parameters<typeof fetch>[0], init: RequestInit = {}): Promise<Response> => {
    const method = (init.method ?? 'GET').toUpperCase();
    const headers = new Headers(init.headers);
    let url = new URL(input instanceof Request ? input.url : input);
    for (let hop = 0; hop <= 5; hop++) {
      checkAddress(url, insecure);
      if (url.origin === token?.origin) {
        if (token.value === undefined) headers.delete('authorization');
        else headers.set('authorization', `Bearer ${token.value}`);
      }
      const response = await persist(url, { ...init, headers, redirect: 'manual' }, method);
      const location = redirects.has(response.status) ? response.headers.get('location') : null;
      if (location === null || !(method === 'GET' || method === 'HEAD' || response.status >= 307)) return response;
      await response.body?.cancel();
      const next = new URL(location, url);
      if (url.protocol === 'https:' && next.protocol !== 'https:') throw downgrade(url, next);
      if (next.origin !== url.origin) headers.delete('authorization');
      url = next;
    }
    throw new UsageError('hub/answer', `${url.host}: it redirects in a circle`, 'check the address, or try again later.');
  };
  return { fetch: careful, again, idleMs };
}

/** Uploads may take as long as they take; of a question the answer must begin in time. */
async function once(url: URL, init: RequestInit, method: string, idleMs: number): Promise<Response> {
  if (method !== 'GET' && method !== 'HEAD') return fetch(url, init);
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error(`nothing came for ${idleMs / 1000} s`)), idleMs);
  try {
    return await fetch(url, { ...init, signal: AbortSignal.any([silence.signal, ...(init.signal ? [init.signal] : [])]) });
  } finally {
    clearTimeout(timer);
  }
}

/** @throws UsageError `usage/argument` for an address that anybody on the way could read and change */
export function checkAddress({ protocol, hostname, host }: URL, insecure: boolean): void {
  const local = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (protocol === 'https:' || (protocol === 'http:' && (local || insecure))) return;
  throw new UsageError(
    'usage/argument',
    `${protocol}//${host}: what comes by ${protocol} can be read and changed on its way`,
    protocol === 'http:' ? 'use https, or say --insecure in a network that you trust.' : 'use https.',
  );
}

/** The system's word for what failed, as ECONNREFUSED. */
export function reasonOf(error: Error): string {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? error.message;
}

export const unreachable = (what: string, tries: number): UsageError =>
  new UsageError(
    'hub/unreachable',
    `${what}, ${tries === 1 ? 'once' : `${tries} times`}`,
    'check the address and the network, then run the same command: it goes on where it stopped. Behind a proxy: HTTPS_PROXY and NODE_USE_ENV_PROXY=1 (docs/hub.md).',
  );

const downgrade = (from: URL, to: URL): UsageError =>
  new UsageError(
    'hub/answer',
    `${from.host}: it redirects from https to ${to.protocol}//${to.host}`,
    'use a server that stays with https.',
  );
