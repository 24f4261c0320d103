/** @file Who asks, what they may do, and how much of it. Knows headers and addresses, and nothing else of HTTP. */
import { ServiceError } from '../protocol/index.js';
import { type Allowance, parseRate, type Unit } from './allowance.js';
import { readApiKey, secretMatches } from './api-key.js';
import { addressGroup } from './client-address.js';
import { type HeldKey, type KeyRing, openKeyRing } from './key-ring.js';
import { type Charge, createLimiter } from './limiter.js';
import { createQuotas } from './quotas.js';
import { openScopes, type Scope } from './scopes.js';
import { type Clock, createSteadyClock, systemClock } from './steady-clock.js';
import { createUsageWriter, readUsage } from './usage-file.js';

export type Client = {
  /** The id of its key, or its address: what fairness and policies go by. Never a secret. */
  readonly id: string;
  readonly scopes: readonly Scope[];
};

export type Credentials = {
  /** Names in lower case, as Node has them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** A key that was found where a dialect allows it besides, such as the query of Perspective's clients. */
  readonly queryKey?: string | undefined;
  /** Of the client, not of a proxy before it. */
  readonly address: string | undefined;
};

export type Access = {
  /** Whether a key is needed. */
  readonly keyed: boolean;
  /**
   * Authorization: Bearer, else x-api-key, else `queryKey`. Without a file of keys everybody is let in, whatever key they send.
   *
   * @throws ServiceError `unauthorized`, the same for a key that never was, was revoked, or has another secret; `rate-limited`
   */
  identify(credentials: Credentials): Client;
  /** @throws ServiceError `forbidden` */
  permit(client: Client, scope: Scope): void;
  /** @throws ServiceError `rate-limited`, `quota-exceeded` */
  charge(client: Client, unit: Unit, cost: number): Charge;
  /** Looks whether the file of keys has changed, and writes down what was used; done by itself every second. */
  tick(): Promise<void>;
  /** Writes down what was used. */
  close(): Promise<void>;
};

export type AccessOptions = {
  /** File of keys. Without one, everybody may do what is in `openScopes`. */
  readonly keys?: string | undefined;
  /** File that remembers what was used of quotas. Without one, a restart begins anew. */
  readonly usage?: string | undefined;
  /** Rates for each address that comes without a valid key. */
  readonly addressRates?: readonly string[] | undefined;
};

export type AccessDeps = {
  readonly log: { info(fields: object, message: string): void; error(fields: object, message: string): void };
  readonly clock?: Clock;
};

/** @throws UsageError for a file of keys or of usage that cannot be used */
export async function createAccess(
  { keys, usage, addressRates = [] }: AccessOptions,
  { log, clock = systemClock }: AccessDeps,
): Promise<Access> {
  const ring: KeyRing | undefined =
    keys === undefined
      ? undefined
      : await openKeyRing(keys, {
          onChange: (count) => log.info({ file: keys, keys: count }, 'the keys were read again'),
          onProblem: (problem) => log.error({ problem }, 'the new file of keys cannot be used; the keys from before hold'),
        });
  const today = createSteadyClock(clock);
  const quotas = createQuotas(usage === undefined ? undefined : await readUsage(usage));
  const problem = (text: string): void => log.error({ problem: text }, 'what was used of quotas is not being remembered');
  const writeUsage = usage === undefined ? undefined : createUsageWriter(usage, quotas, today, problem);
  const limiter = createLimiter({ quotas, monotonic: clock.monotonic, today });
  const ofAddresses: readonly Allowance[] = addressRates.map((text) => parseRate(text)!);
  const tick = async (): Promise<void> => {
    await Promise.all([ring?.refresh(), writeUsage?.()]);
  };
  const timer = setInterval(() => void tick(), 1000).unref();
  const allowancesOf = (client: Client): readonly Allowance[] => ring?.find(client.id)?.allowances ?? (ring ? [] : ofAddresses);

  return {
    keyed: ring !== undefined,
    identify({ headers, queryKey, address }) {
      const id = addressGroup(address);
      if (!ring) return { id, scopes: openScopes };
      const given = bearer(headers.authorization) ?? single(headers['x-api-key']) ?? queryKey;
      const key = matching(ring, given);
      if (key) return { id: key.id, scopes: key.scopes };
      limiter.charge({ id, allowances: ofAddresses }, 'requests', 1);
      throw unauthorized(given !== undefined);
    },
    permit({ scopes }, scope) {
      if (scopes.includes(scope)) return;
      const fix = ring ? 'use a key that has it' : 'start the server with --keys, and use a key that has it';
      throw new ServiceError('forbidden', `this needs the scope ${scope}`, fix);
    },
    charge: (client, unit, cost) => limiter.charge({ id: client.id, allowances: allowancesOf(client) }, unit, cost),
    tick,
    async close() {
      clearInterval(timer);
      await writeUsage?.();
    },
  };
}

function matching(ring: KeyRing, given: string | undefined): HeldKey | undefined {
  const read = given === undefined ? undefined : readApiKey(given);
  const held = read && ring.find(read.id);
  return secretMatches(read?.secret, held?.hash) ? held : undefined;
}

/** Another scheme than Bearer is for somebody else, such as a proxy on the way. */
function bearer(header: string | readonly string[] | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(single(header) ?? '')?.[1];
}

const single = (header: string | readonly string[] | undefined): string | undefined => (typeof header === 'string' ? header : header?.[0]);

function unauthorized(given: boolean): ServiceError {
  const what = given ? 'the key is not valid' : 'no key was given';
  return new ServiceError('unauthorized', what, 'send a key of this server as Authorization: Bearer KEY, or as x-api-key: KEY', {
    'www-authenticate': given ? 'Bearer realm="copydesk", error="invalid_token"' : 'Bearer realm="copydesk"',
  });
}
