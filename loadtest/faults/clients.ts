/** @file Clients that send requests at a fixed rate and keep account of each: answered, refused with a reason, given up, or lost. */
import { Agent, type IncomingMessage, request } from 'node:http';
import { type Mix, textAt } from '../texts.js';

export type Account = {
  sent: number;
  /** With a verdict. */
  answered: number;
  refused429: number;
  refused503: number;
  /** The server no longer takes connections; nothing was begun. */
  turnedAway: number;
  /** By the client itself, on purpose. */
  gaveUp: number;
  /** None of these: a connection that broke, half an answer, another status. */
  lost: number;
  /** Milliseconds of what was answered. */
  readonly latencies: number[];
  /** Why requests were lost, each reason once. */
  readonly reasons: Set<string>;
  /** Versions of models that answered. */
  readonly versions: Set<string>;
  /** Held texts that the server said it has kept for reviewers, by the ids it gave them. */
  readonly kept: Set<string>;
  /** Held texts that it said it could not keep. */
  notKept: number;
};

export const openAccount = (): Account => ({
  sent: 0,
  answered: 0,
  refused429: 0,
  refused503: 0,
  turnedAway: 0,
  gaveUp: 0,
  lost: 0,
  latencies: [],
  reasons: new Set(),
  versions: new Set(),
  kept: new Set(),
  notKept: 0,
});

export type ClientOptions = {
  readonly url: string;
  readonly key?: string | undefined;
  readonly mix?: Mix;
  readonly timeoutMs?: number;
  /** Connections at once; requests beyond them wait at the client. */
  readonly connections?: number;
  /** Milliseconds after which the client goes away, by the request's number; `undefined` for one that stays. */
  readonly leaveAfter?: (index: number) => number | undefined;
};

let nextText = 0;

/** @returns what sends; the account is theirs who look at it */
export function createClients({
  url,
  key,
  mix = 'mixed',
  timeoutMs,
  leaveAfter = () => undefined,
  connections = Number.POSITIVE_INFINITY,
}: ClientOptions) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const account = openAccount();
  const headers = { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) };

  const send = async (): Promise<void> => {
    account.sent++;
    const index = nextText++;
    const body = JSON.stringify({ text: textAt(index, mix).text, timeout_ms: timeoutMs });
    const began = performance.now();
    const outcome = await exchange(url, agent, { ...headers, 'content-length': Buffer.byteLength(body) }, body, leaveAfter(index));
    book(account, outcome);
    if (outcome.kind === 'answer' && outcome.status === 200) account.latencies.push(performance.now() - began);
  };

  return {
    account,
    send,
    /** Requests that begin at a fixed rate, whether or not earlier ones were answered. Settles when all are accounted for. */
    async arrive(perSecond: number, seconds: number): Promise<void> {
      const began = performance.now();
      const all: Promise<void>[] = [];
      for (let i = 0; i < perSecond * seconds; i++) {
        const wait = began + (1000 * i) / perSecond - performance.now();
        if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
        else if (i % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
        all.push(send());
      }
      await Promise.all(all);
    },
    /** So many clients, each asking again when it was answered. @returns answers a second */
    async askAgain(clients: number, seconds: number): Promise<number> {
      const [before, began] = [account.answered, performance.now()];
      const until = began + 1000 * seconds;
      const one = async (): Promise<void> => {
        while (performance.now() < until) await send();
      };
      await Promise.all(Array.from({ length: clients }, one));
      return (account.answered - before) / ((performance.now() - began) / 1000);
    },
    close: () => agent.destroy(),
  };
}

type Outcome =
  | { readonly kind: 'answer'; readonly status: number; readonly text: string; readonly retryAfter: string | undefined }
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'turned-away' }
  | { readonly kind: 'gave-up' };

/** A connection that was idle may be closed under a request's first byte; HTTP lets clients send that request again, and they do. */
async function exchange(...given: Parameters<typeof attempt>): Promise<Outcome> {
  for (;;) {
    const { outcome, onIdleConnection } = await attempt(...given);
    if (!(outcome.kind === 'broken' && onIdleConnection)) return outcome;
  }
}

function attempt(
  url: string,
  agent: Agent,
  headers: Readonly<Record<string, string | number>>,
  body: string,
  leaveMs: number | undefined,
): Promise<{ outcome: Outcome; onIdleConnection: boolean }> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    let left = false;
    let begun = false;
    const sent = request(`${url}/classify`, { method: 'POST', agent, headers }, (response) => {
      begun = true;
      read(response).then((text) => end({ kind: 'answer', status: response.statusCode ?? 0, text, retryAfter: response.headers['retry-after'] }), (error) => end(broken(error))); // biome-ignore format: one thought
    });
    const end = (outcome: Outcome): void => {
      clearTimeout(timer);
      resolve({
        outcome: left && outcome.kind === 'broken' ? { kind: 'gave-up' } : outcome,
        onIdleConnection: sent.reusedSocket && !begun && !left,
      });
    };
    sent.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED' ? { kind: 'turned-away' } : broken(error)));
    if (leaveMs !== undefined)
      timer = setTimeout(() => {
        left = true;
        sent.destroy();
      }, leaveMs);
    sent.end(body);
  });
}

const broken = (error: NodeJS.ErrnoException): Outcome => ({ kind: 'broken', reason: error.code ?? error.message });

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function book(account: Account, outcome: Outcome): void {
  if (outcome.kind === 'gave-up') account.gaveUp++;
  else if (outcome.kind === 'turned-away') account.turnedAway++;
  else if (outcome.kind === 'broken') lose(account, outcome.reason);
  else bookAnswer(account, outcome);
}

/** A refusal counts as one only if it says why, and when to come again where that helps. */
function bookAnswer(account: Account, { status, text, retryAfter }: Extract<Outcome, { kind: 'answer' }>): void {
  const { results, error } = parse(text);
  if (status === 200 && results?.length === 1 && results[0]?.version) {
    account.answered++;
    account.versions.add(results[0].version);
    const { review } = results[0];
    if (review?.id !== undefined) account.kept.add(review.id);
    else if (review) account.notKept++;
  } else if ((status === 429 || status === 503) && error?.code && (Number(retryAfter) >= 1 || error.code === 'deadline-exceeded'))
    account[`refused${status}`]++;
  else lose(account, `${status} ${error?.code ?? 'without a code'}`);
}

function lose(account: Account, reason: string): void {
  account.lost++;
  account.reasons.add(reason);
}

type Answer = { results?: { version?: string; review?: { id?: string } }[]; error?: { code?: string } };

function parse(text: string): Answer {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return {};
  }
}
