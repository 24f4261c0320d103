/** @file The waiting work of one model, by length and by client: whom to take next, and what is nearest in length, without sorting all. */
import type { Account } from './clients.js';

export type Placed = {
  readonly tokens: number;
  /** Arrival; what is lower came before. */
  readonly order: number;
  /** At whose expense it is computed. */
  payer: Account;
};

export type Lane<P extends Placed> = {
  readonly size: number;
  add(one: P): void;
  remove(one: P): void;
  /**
   * Groups of one length each, the nearest to the seed's first; within a group as the turns of the clients go, supposing that all
   * that was handed out is taken. The background makes no batch longer that somebody waits for. Nothing may change meanwhile.
   */
  nearest(seed: P): Generator<Iterable<P>>;
};

type Group<P> = Map<Account, Set<P>>;

export function createLane<P extends Placed>(): Lane<P> {
  const byLength = new Map<number, Group<P>>();
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(one) {
      const group: Group<P> = byLength.get(one.tokens) ?? new Map();
      const texts = group.get(one.payer) ?? new Set();
      byLength.set(one.tokens, group.set(one.payer, texts.add(one)));
      size++;
    },
    remove(one) {
      const group = byLength.get(one.tokens);
      const texts = group?.get(one.payer);
      if (!group || !texts?.delete(one)) return;
      if (texts.size === 0) group.delete(one.payer);
      if (group.size === 0) byLength.delete(one.tokens);
      size--;
    },
    *nearest(seed) {
      const distance = (tokens: number): number => Math.abs(tokens - seed.tokens);
      const lengths = [...byLength.keys()].sort((a, b) => distance(a) - distance(b));
      const supposed = new Map([[seed.payer, seed.payer.had + seed.tokens]]);
      for (const length of lengths) yield inTurn(byLength.get(length) ?? new Map(), seed, supposed);
    },
  };
}

/** @param supposed what each client would have had by now, where it differs from its account */
function* inTurn<P extends Placed>(group: Group<P>, seed: P, supposed: Map<Account, number>): Generator<P> {
  const heads = [...group].flatMap(([account, texts]) => {
    if (account.background && !seed.payer.background) return [];
    const rest = texts.values();
    return [{ account, rest, head: rest.next().value }];
  });
  for (;;) {
    let best: (typeof heads)[number] | undefined;
    let bestHad = 0;
    for (const one of heads) {
      if (one.head === seed) one.head = one.rest.next().value;
      if (!one.head) continue;
      const had = supposed.get(one.account) ?? one.account.had;
      if (best?.head && (had > bestHad || (had === bestHad && one.head.order > best.head.order))) continue;
      best = one;
      bestHad = had;
    }
    if (!best?.head) return;
    supposed.set(best.account, bestHad + best.head.tokens);
    yield best.head;
    best.head = best.rest.next().value;
  }
}
