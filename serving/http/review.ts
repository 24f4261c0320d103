/** @file The queue of held texts, put to the desk: what the policy holds goes there, whatever protocol it came by. */
import type { Logger } from 'pino';
import type { Ask, Catalogue, Desk, Metrics, Reply } from '../desk/index.js';
import { reviewMetrics } from '../desk/index.js';
import type { FeedbackSink } from '../dialects/index.js';
import { createReviewStore, type ReviewEvents, type ReviewOptions, type ReviewStore } from '../review/index.js';

export type Review = {
  readonly store: ReviewStore;
  readonly options: ReviewOptions;
  /** The same desk, whose answers say of each text that is held whether it was queued. */
  holding(desk: Desk): Desk;
  /** For dialects that take opinions. */
  feedback(catalogue: Catalogue): FeedbackSink;
  /** Counts a decision. */
  decided(action: 'publish' | 'block' | undefined, agrees: boolean | undefined): void;
  suggested(): void;
};

export type ReviewDeps = {
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Milliseconds since 1970, by a clock that may be set while the server runs. */
  readonly now: () => number;
};

/** @throws UsageError `serving/start` for a file that is not for us. One that cannot be used now is waited for. */
export async function createReview(options: ReviewOptions, { metrics, log, now }: ReviewDeps): Promise<Review> {
  const counts = reviewMetrics([metrics.registry]);
  const on: ReviewEvents = {
    held: (outcome, count) => counts.texts.labels(outcome).inc(count),
    erased: (cause, count) => counts.erased.labels(cause).inc(count),
    changed(fault) {
      counts.up.set(fault ? 0 : 1);
      if (fault) log.error({ file: options.file, reason: fault.reason }, 'the queue of held texts cannot be used; verdicts go on');
      else log.info({ file: options.file }, 'the queue of held texts can be used');
    },
    figures({ open, claimed, decided, feedback, oldest, bytes }) {
      for (const [status, count] of Object.entries({ open, claimed, decided })) counts.items.labels(status).set(count);
      counts.suggestions.set(feedback);
      counts.bytes.set(bytes);
      counts.oldest.set(oldest === null ? 0 : Math.max(0, now() - oldest) / 1_000);
    },
  };
  const store = await createReviewStore(options, { on, now });
  const suggested = (): void => counts.feedback.inc();
  return {
    store,
    options,
    holding: (desk) => ({ ...desk, ask: (ask) => askAndHold(desk, store, options, ask) }),
    feedback: (catalogue) => async (suggestion) => {
      const { activation } = catalogue.find(suggestion.model).manifest;
      const { scores, clientToken: token, communityId: community, ...rest } = suggestion;
      const labels = Object.keys(scores).filter((label) => scores[label]! > 0.5);
      await store.suggest({ ...rest, scores, token, community, ...(activation === 'sigmoid' ? { labels } : {}) });
      suggested();
    },
    decided: (action, agrees) => counts.decisions.labels(action ?? 'none', agrees === undefined ? 'unknown' : String(agrees)).inc(),
    suggested,
  };
}

/** A verdict is never lost for want of a place to keep it, and never waits for the disk past the time that its request has. */
async function askAndHold(desk: Desk, store: ReviewStore, { hold, waitMs }: ReviewOptions, ask: Ask): Promise<Reply> {
  const began = performance.now();
  const reply = await desk.ask(ask);
  if (ask.keep === false || ask.background) return reply;
  const decisions: readonly string[] = hold;
  const at = reply.verdicts.flatMap(({ decision }, i) => (decisions.includes(decision) ? [i] : []));
  if (at.length === 0) return reply;
  const { texts, refs, client, language, timeoutMs = Number.POSITIVE_INFINITY } = ask;
  const given = at.map((i) => ({ text: texts[i]!, verdict: reply.verdicts[i]!, client, language, ref: refs?.[i] }));
  const left = Math.max(0, timeoutMs - (performance.now() - began));
  const told = await store.hold(given, Math.min(waitMs, left));
  const byIndex = new Map(at.map((i, n) => [i, told[n]!]));
  return { ...reply, held: texts.map((_, i) => byIndex.get(i)) };
}
