/** @file A bounded queue from which batches are taken the moment someone is free to run them. Its clock is an argument. */
import { type BatchLimits, chooseBatch, type InTime } from './choose-batch.js';
import { type Account, createClients, isBackground } from './clients.js';
import { createLane, type Lane, type Placed } from './lane.js';
import type { Backlog, Waiting, Work } from './waiting.js';

export type QueueLimits = {
  /** Most texts that may wait. */
  readonly texts: number;
  /** Most tokens that may wait. */
  readonly tokens: number;
};

export type Taken<T> = {
  /** All of one lane; empty when nothing waits. */
  readonly batch: readonly Work<T>[];
  /** What can no longer be answered in time; it is out of the queue. */
  readonly late: readonly Waiting<T>[];
};

/** What is known about batches of a lane before they run. */
export type Forecast = {
  readonly inTime?: InTime;
  /** In one batch, padding included. */
  readonly mostTokens: number;
  /** What starting a batch costs. */
  readonly overheadTokens: number;
};

export type BatchQueue<T> = {
  /** Texts that wait; one that several wait for counts for each of them. */
  readonly texts: number;
  /** Tokens to compute; a text that several wait for counts once. */
  readonly tokens: number;
  /** All of `entries`, which are of one client, or none; `false` when they do not fit. */
  offer(entries: readonly Waiting<T>[]): boolean;
  /** Whether `texts` texts more of this client fit, whatever their lengths. */
  hasRoom(client: string, texts: number): boolean;
  /** Returns entries of a failed batch to the head of the queue, to be run alone. Never refused: they were accepted before. */
  putBack(entries: readonly Waiting<T>[]): void;
  /** The next batch, so that `free` workers share what waits, without what would not be answered in time. */
  take(free: number, forecastOf?: (lane: string) => Forecast): Taken<T>;
  /** By lane: what would be served before the last of `tokens` tokens that `client` brings now. */
  ahead(client: string, tokens: number): ReadonlyMap<string, Backlog>;
  /** Clients among whom the workers have lately been divided. */
  readonly crowd: number;
  /** One that waits for this text, if any. */
  find(key: string): Waiting<T> | undefined;
  /** Removes entries whose deadline is before `now`, and returns them. */
  expire(now: number): readonly Waiting<T>[];
  /** Removes those of these entries that wait, known by key and payload. */
  remove(entries: readonly Waiting<T>[]): void;
};

/** One who waits for a text. */
type Claim<T> = { readonly entry: Waiting<T>; readonly account: Account };

type Place<T> = Placed & {
  readonly lane: string;
  readonly key: string;
  deadline: number;
  alone: boolean;
  /** Never empty; the first pays. */
  claims: Claim<T>[];
};

/** A client that has something waiting may hold this many times the room that is left: there is always some for another client. */
const greed = 3;

/** Of the queue's bounds, what is left for the background: the rest is for those who wait. */
const backgroundShare = 0.25;
/** Of a batch's tokens: whoever comes while the background runs waits for no more than this. */
const backgroundBatch = 0.125;

export function createBatchQueue<T>(limits: QueueLimits, batchLimits: BatchLimits): BatchQueue<T> {
  const lanes = new Map<string, Lane<Place<T>>>();
  const places = new Map<string, Place<T>>();
  /** Of each client that waits, its places, the oldest first. */
  const lines = new Map<Account, Set<Place<T>>>();
  /** What was put back. */
  const urgent = new Set<Place<T>>();
  const clients = createClients();
  let texts = 0;
  let tokens = 0;
  let arrivals = 0;

  const enter = (place: Place<T>): void => {
    const lane = lanes.get(place.lane) ?? createLane<Place<T>>();
    lanes.set(place.lane, lane);
    lane.add(place);
    charge(place, 1);
  };

  const exit = (place: Place<T>): void => {
    const lane = lanes.get(place.lane);
    lane?.remove(place);
    if (lane?.size === 0) lanes.delete(place.lane);
    charge(place, -1);
  };

  const charge = ({ lane, payer, tokens: cost }: Place<T>, sign: 1 | -1): void => {
    const sum = payer.backlog.get(lane) ?? { texts: 0, tokens: 0 };
    sum.texts += sign;
    sum.tokens += sign * cost;
    if (sum.texts > 0) payer.backlog.set(lane, sum);
    else payer.backlog.delete(lane);
    tokens += sign * cost;
  };

  const add = (entry: Waiting<T>): Place<T> => {
    const { lane, key, deadline, alone } = entry;
    const account = clients.arrive(entry.client);
    let place = places.get(key);
    if (!place) {
      place = { lane, key, deadline, alone, tokens: entry.tokens, order: arrivals++, payer: account, claims: [] };
      places.set(key, place);
      enter(place);
    }
    place.deadline = Math.max(place.deadline, deadline);
    if (place.payer.background && !account.background && place.claims.length > 0) {
      // What somebody waits for does not stay in the background.
      exit(place);
      place.payer = account;
      enter(place);
      place.claims.unshift({ entry, account });
    } else place.claims.push({ entry, account });
    lines.set(account, (lines.get(account) ?? new Set()).add(place));
    texts++;
    return place;
  };

  /** Takes claims off a place, and the place away when none is left. */
  const release = (place: Place<T>, leaving: readonly Claim<T>[]): void => {
    if (leaving.length === 0) return;
    place.claims = place.claims.filter((claim) => !leaving.includes(claim));
    texts -= leaving.length;
    const [first] = place.claims;
    if (first?.account !== place.payer) exit(place);
    if (!first) {
      places.delete(place.key);
      urgent.delete(place);
    } else {
      if (first.account !== place.payer) {
        place.payer = first.account;
        enter(place);
      }
      place.deadline = Math.max(...place.claims.map(({ entry }) => entry.deadline));
    }
    for (const { account } of leaving) {
      if (!place.claims.some((claim) => claim.account === account)) {
        const line = lines.get(account);
        line?.delete(place);
        if (line?.size === 0) lines.delete(account);
      }
      clients.leave(account);
    }
  };

  /** The oldest of the client whose turn it is. */
  const next = (): Place<T> | undefined => {
    const [first] = urgent;
    if (first) return first;
    let best: { readonly place: Place<T>; readonly had: number; readonly background: boolean } | undefined;
    for (const [{ had, background }, line] of lines) {
      const [place] = line;
      if (!place || (best && background && !best.background)) continue;
      const sooner = !best || (best.background && !background) || had < best.had || (had === best.had && place.order < best.place.order);
      if (sooner) best = { place, had, background };
    }
    return best?.place;
  };

  const hasRoom = (client: string, more: number): boolean => {
    if (isBackground(client)) return texts === 0 || texts + more <= limits.texts * backgroundShare;
    const own = clients.waiting(client);
    const left = limits.texts - texts - more;
    return left >= 0 && (client === '' || own === 0 || own + more <= greed * left);
  };

  return {
    get texts() {
      return texts;
    },
    get tokens() {
      return tokens;
    },
    hasRoom,
    offer(entries) {
      const [first] = entries;
      if (!first) return true;
      const added = entries.reduce((sum, entry) => sum + (places.has(entry.key) ? 0 : entry.tokens), 0);
      // A single request larger than the token bound is let into an empty queue; otherwise it could never be answered.
      const most = limits.tokens * (isBackground(first.client) ? backgroundShare : 1);
      if (!hasRoom(first.client, entries.length) || (tokens + added > most && texts > 0)) return false;
      for (const entry of entries) add(entry);
      return true;
    },
    putBack(entries) {
      for (const entry of entries) {
        const place = add({ ...entry, alone: true });
        place.alone = true;
        urgent.add(place);
      }
    },
    take(free, forecastOf) {
      const late: Waiting<T>[] = [];
      for (let seed = next(); seed; seed = next()) {
        const { inTime, mostTokens, overheadTokens } = forecastOf?.(seed.lane) ?? { ...batchLimits, mostTokens: batchLimits.tokens };
        if (inTime && !inTime(seed.tokens, seed.deadline)) {
          late.push(...entriesOf(seed));
          release(seed, seed.claims);
          continue;
        }
        const lane = lanes.get(seed.lane)!;
        const share = Math.ceil(lane.size / Math.max(1, free));
        const tokens = Math.min(mostTokens, batchLimits.tokens * (seed.payer.background ? backgroundBatch : 1));
        const chosen = chooseBatch(seed, lane.nearest(seed), { ...batchLimits, tokens, overheadTokens }, share, inTime);
        const batch = chosen.map((place) => ({ ...place, entries: entriesOf(place) }));
        clients.serve(chosen.map(({ payer, tokens: cost }) => ({ account: payer, tokens: cost })));
        for (const place of chosen) release(place, place.claims);
        return { batch, late };
      }
      return { batch: [], late };
    },
    ahead: clients.ahead,
    get crowd() {
      return clients.crowd;
    },
    find: (key) => places.get(key)?.claims[0]?.entry,
    expire(now) {
      const expired: Waiting<T>[] = [];
      for (const place of [...places.values()]) {
        const leaving = place.claims.filter(({ entry }) => entry.deadline < now);
        expired.push(...leaving.map(({ entry }) => entry));
        release(place, leaving);
      }
      return expired;
    },
    remove(entries) {
      for (const { key, payload } of entries) {
        const place = places.get(key);
        if (place) release(place, place.claims.filter(({ entry }) => entry.payload === payload)); // biome-ignore format: short
      }
    },
  };
}

const entriesOf = <T>({ claims }: Place<T>): readonly Waiting<T>[] => claims.map(({ entry }) => entry);
