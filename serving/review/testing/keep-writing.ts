/** @file A process that holds texts and says each id once it is kept, until somebody ends it. */
import { reviewOptionsSchema } from '../options.js';
import { createReviewStore } from '../review-store.js';

const file = process.argv[2] ?? '';
const nothing = (): void => {};
const on = { held: nothing, changed: nothing, erased: nothing, figures: nothing };
const store = await createReviewStore(reviewOptionsSchema.parse({ file, items: 100_000 }), { now: Date.now, on });
const rule = { kind: 'none' } as const;
const given = { label: 'a', score: 1, scores: { a: 1 }, decision: 'review', threshold: null, decidedBy: null } as const;
for (let round = 0; ; round++) {
  const several = Array.from({ length: 20 }, (_, i) =>
    store.hold([{ text: `text ${round} ${i}`, verdict: { ...given, rule, model: 'm', version: '1' } }]),
  );
  for (const [{ queued, id } = { queued: false }] of await Promise.all(several)) if (queued) process.stdout.write(`${id}\n`);
}
