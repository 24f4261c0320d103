/** @file A server in virtual time: the scheduler as it is, workers that take as long as a formula says, arrivals from a file. */
import { readFileSync } from 'node:fs';
import { createScheduler, type Running } from '../scheduler.js';
import type { Waiting } from '../waiting.js';

export type Arrival = { readonly ms: number; readonly client: string; readonly tokens: readonly number[] };

/** `arrivals.tsv` beside this file. */
export function readArrivals(): readonly Arrival[] {
  const lines = readFileSync(new URL('./arrivals.tsv', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => {
    const [ms = '', client = '', tokens = ''] = line.split('\t');
    return { ms: Number(ms), client, tokens: tokens.split(' ').map(Number) };
  });
}

export type Scene = {
  readonly arrivals: readonly Arrival[];
  /** Times as fast as recorded. */
  readonly speed?: number;
  /** From arrival to answer; default: for ever. */
  readonly timeoutMs?: number;
  readonly workers?: number;
  readonly queueTexts?: number;
  /** How long a batch of so many tokens really takes at a moment. Default: MiniLM on a CPU core, give or take a fifth. */
  readonly batchMs?: (padded: number, now: number, random: () => number) => number;
};

/** What became of one request. `late`: given up after it had been accepted. */
export type Outcome = {
  readonly arrival: Arrival;
  readonly began: number;
  outcome: 'answered' | 'refused' | 'late' | 'waiting';
  ended: number;
  answers: number;
  /** Batches that began after its arrival, its last one among them. */
  batches: number;
};

export type Report = {
  readonly outcomes: readonly Outcome[];
  /** Virtual milliseconds until the last worker was done. */
  readonly ms: number;
  readonly batches: number;
  /** Tokens of texts, and with padding, that were computed. */
  readonly real: number;
  readonly padded: number;
  /** Texts in answered requests, a second. */
  readonly goodput: number;
  /** Tokens in answered requests, a second. */
  readonly goodTokens: number;
};

const usualMs = (padded: number, _now: number, random: () => number): number => (2.1 + 0.21 * padded) * (0.8 + 0.4 * random());

export function simulate(scene: Scene): Report {
  const { arrivals, speed = 1, timeoutMs = 1e9, workers = 2, queueTexts = 1_024, batchMs = usualMs } = scene;
  let state = 5;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const scheduler = createScheduler<Outcome>(
    { texts: queueTexts, tokens: queueTexts * 64 },
    { texts: 32, tokens: 2_048, overheadTokens: 10 },
  );
  const running: { readonly until: number; readonly run: Running<Outcome> }[] = [];
  const outcomes: Outcome[] = [];
  /** The last batch that has texts of it. */
  const begun = new Map<Outcome, number>();
  const entriesOf = new Map<Outcome, readonly Waiting<Outcome>[]>();
  let [now, next, keys, batches, real, padded] = [0, 0, 0, 0, 0, 0];
  const staff = () => ({ workers, free: workers - running.length });

  const giveUp = (outcome: Outcome): void => {
    outcome.outcome = 'late';
    outcome.ended = now;
    scheduler.queue.remove(entriesOf.get(outcome) ?? []);
  };

  while (next < arrivals.length || running.length > 0 || scheduler.queue.texts > 0) {
    running.sort((a, b) => a.until - b.until);
    const arrival = arrivals[next];
    const arrives = arrival ? arrival.ms / speed : Number.POSITIVE_INFINITY;
    const first = running[0];
    if (arrival && arrives <= (first?.until ?? Number.POSITIVE_INFINITY)) {
      now = Math.max(now, arrives);
      next++;
      const outcome: Outcome = { arrival, began: now, outcome: 'waiting', ended: now, answers: 0, batches: -batches };
      outcomes.push(outcome);
      const deadline = now + timeoutMs;
      const entries = arrival.tokens.map((tokens): Waiting<Outcome> => {
        return { lane: 'm', client: arrival.client, key: String(keys++), tokens, arrived: now, deadline, alone: false, payload: outcome };
      });
      entriesOf.set(outcome, entries);
      if (scheduler.offer(entries, now, staff())) outcome.outcome = 'refused';
    } else if (first) {
      running.shift();
      now = first.until;
      scheduler.ended(first.run, now, 'done');
      for (const { entries } of first.run.work) {
        for (const { payload } of entries) {
          if (++payload.answers < payload.arrival.tokens.length || payload.outcome !== 'waiting') continue;
          payload.outcome = 'answered';
          payload.batches += begun.get(payload) ?? 0;
          payload.ended = now;
        }
      }
    }
    while (running.length < workers) {
      const taken = scheduler.take(now, workers - running.length);
      for (const { payload } of taken.late) if (payload.outcome === 'waiting') giveUp(payload);
      if (!taken.running) break;
      const { work } = taken.running;
      batches++;
      real += work.reduce((sum, { tokens }) => sum + tokens, 0);
      padded += taken.running.padded;
      const whose = new Set(work.flatMap(({ entries }) => entries.map(({ payload }) => payload)));
      for (const payload of whose) begun.set(payload, batches);
      running.push({ until: now + batchMs(taken.running.padded, now, random), run: taken.running });
    }
  }
  const answered = outcomes.filter(({ outcome }) => outcome === 'answered');
  const sum = (of: (outcome: Outcome) => number): number => answered.reduce((total, one) => total + of(one), 0);
  const texts = sum(({ arrival }) => arrival.tokens.length);
  const tokens = sum(({ arrival }) => arrival.tokens.reduce((a, b) => a + b, 0));
  return { outcomes, ms: now, batches, real, padded, goodput: (texts / now) * 1_000, goodTokens: (tokens / now) * 1_000 };
}
