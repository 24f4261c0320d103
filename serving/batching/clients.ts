/** @file Whose turn it is: clients share the server by tokens, so that one with 500 texts does not keep one with a single text waiting. */
import type { Backlog } from './waiting.js';

const background = 'background/';

/** The name under which a client's work waits that nobody sits and waits for: it is done when nothing else is there to do. */
export const inBackground = (client: string): string => background + client;

export const isBackground = (client: string): boolean => client.startsWith(background);

/** What a client has had, and what waits for it. */
export type Account = {
  readonly client: string;
  /** Whether its turns come only when no other client waits. */
  readonly background: boolean;
  /** Tokens it has had, on the scale of virtual time; the lowest has the next turn. */
  had: number;
  /** Texts that wait for it. */
  waiting: number;
  /** By lane: what will be computed at its expense. */
  readonly backlog: Map<string, { texts: number; tokens: number }>;
};

/**
 * Virtual time is what an ideal server, dividing itself equally among all clients that wait, would have given each of them. It never
 * goes back, and a client that was away begins there: it brings no credit. Since newcomers begin ever later, every turn comes.
 *
 * After weighted fair queueing (Demers, Keshav, Shenker 1989). Turns belong to clients, not to texts, as batches take a client's texts by
 * their length, out of their order.
 */
export type Clients = {
  /** A text of this client waits from now on. */
  arrive(client: string): Account;
  /** It no longer does. */
  leave(account: Account): void;
  /** Tokens were taken up at each one's expense. */
  serve(shares: readonly { readonly account: Account; readonly tokens: number }[]): void;
  /** Texts of this client that wait. */
  waiting(client: string): number;
  /** By lane: what would be served before the last of `more` tokens that `client` brings now. Of the background, only to itself. */
  ahead(client: string, more: number): ReadonlyMap<string, Backlog>;
  /** How many the server has lately been divided among. */
  readonly crowd: number;
};

export function createClients(): Clients {
  const accounts = new Map<string, Account>();
  let virtual = 0;
  let active = 0;
  /** Of them, those that somebody waits for. */
  let awaited = 0;
  let crowd = 1;

  const forgetSettled = (): void => {
    for (const [client, { had, waiting }] of accounts) if (waiting === 0 && had <= virtual) accounts.delete(client);
  };

  return {
    arrive(client) {
      const account = accounts.get(client) ?? open(client);
      accounts.set(client, account);
      if (account.waiting++ > 0) return account;
      account.had = Math.max(account.had, virtual);
      active++;
      if (!account.background) awaited++;
      return account;
    },
    leave(account) {
      if (--account.waiting > 0) return;
      active--;
      if (!account.background) awaited--;
      if (active > 0) return;
      accounts.clear();
      virtual = 0;
    },
    serve(shares) {
      for (const { account, tokens } of shares) {
        account.had += tokens;
        virtual += tokens / Math.max(1, active);
      }
      crowd += 0.05 * (Math.max(1, awaited) - crowd);
      if (accounts.size > 2 * active + 64) forgetSettled();
    },
    waiting: (client) => accounts.get(client)?.waiting ?? 0,
    ahead(client, more) {
      const own = accounts.get(client);
      const until = Math.max(virtual, own?.had ?? 0) + (own ? tokensOf(own) : 0) + more;
      const ahead = new Map<string, { texts: number; tokens: number }>();
      const patient = isBackground(client);
      for (const account of accounts.values()) {
        if (account.background && !patient) continue;
        const part = account === own ? 1 : Math.min(1, Math.max(0, until - account.had) / tokensOf(account));
        for (const [lane, { texts, tokens }] of account.backlog) {
          const sum = ahead.get(lane) ?? { texts: 0, tokens: 0 };
          ahead.set(lane, { texts: sum.texts + part * texts, tokens: sum.tokens + part * tokens });
        }
      }
      return ahead;
    },
    get crowd() {
      return crowd;
    },
  };
}

const open = (client: string): Account => ({ client, background: isBackground(client), had: 0, waiting: 0, backlog: new Map() });

/** At least 1, for it is divided by. */
function tokensOf({ backlog }: Account): number {
  let sum = 0;
  for (const { tokens } of backlog.values()) sum += tokens;
  return Math.max(1, sum);
}
