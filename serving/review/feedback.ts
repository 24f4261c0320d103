/** @file Keeps what somebody says a text should have been. */
import { randomUUID } from 'node:crypto';
import type { Db } from './open-file.js';
import { textHash, writeText } from './text-hash.js';

export type Feedback = {
  readonly text: string;
  readonly pair?: string | undefined;
  /** `name@version`. */
  readonly model: string;
  readonly label?: string | undefined;
  /** Of a model that gives several. */
  readonly labels?: readonly string[] | undefined;
  /** By label, 0 to 1. */
  readonly scores?: Readonly<Record<string, number>> | undefined;
  readonly note?: string | undefined;
  readonly client?: string | undefined;
  readonly token?: string | undefined;
  readonly community?: string | undefined;
  /** Where the same one of the same client is here, nothing is added. */
  readonly idempotencyKey?: string | undefined;
};

export type Kept = { readonly kind: 'kept'; readonly id: string; readonly repeated: boolean } | { readonly kind: 'full' };

/** @param most suggestions that are kept */
export function createFeedback(db: Db, most: number) {
  const known = db.prepare('SELECT id FROM feedback WHERE client = ? AND idempotency = ?');
  const count = db.prepare('SELECT count(*) AS n FROM feedback');
  const insert = db.prepare(`
    INSERT INTO feedback (id, text, pair, text_hash, pair_hash, model, label, labels, scores, note, client, token, community, idempotency, created)
    VALUES (:id, :text, :pair, :textHash, :pairHash, :model, :label, :labels, :scores, :note, :client, :token, :community, :idempotency, :now)`);
  return (given: Feedback, now: number): Kept => {
    const { text, pair, model, label, labels, scores, note, client = '', token, community, idempotencyKey } = given;
    const [before] = idempotencyKey === undefined ? [] : (known.all(client, idempotencyKey) as { id: string }[]);
    if (before) return { kind: 'kept', id: before.id, repeated: true };
    const [{ n }] = count.all() as [{ n: number }];
    if (n >= most) return { kind: 'full' };
    const id = randomUUID();
    insert.run({
      id,
      text: writeText(text),
      pair: pair === undefined ? null : writeText(pair),
      textHash: textHash(text),
      pairHash: textHash(pair),
      model,
      label: label ?? null,
      labels: labels ? JSON.stringify(labels) : null,
      scores: scores ? JSON.stringify(scores) : null,
      note: note ?? null,
      client,
      token: token ?? null,
      community: community ?? null,
      idempotency: idempotencyKey ?? null,
      now,
    });
    return { kind: 'kept', id, repeated: false };
  };
}
