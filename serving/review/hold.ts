/** @file Puts texts that a policy holds into the queue. */
import { randomUUID } from 'node:crypto';
import type { TextInput, Verdict } from '../../models/index.js';
import type { Held } from '../protocol/index.js';
import type { Db } from './open-file.js';
import { textHash, writeText } from './text-hash.js';

/** A text with the verdict that holds it. */
export type HeldText = {
  readonly text: TextInput;
  readonly verdict: Verdict;
  /** Who asked: the id of a key, else an address. */
  readonly client?: string | undefined;
  readonly language?: string | undefined;
  /** What that client calls it. */
  readonly ref?: string | undefined;
};

/** @param most items that may wait */
export function createHold(db: Db, most: number) {
  const find = db.prepare('SELECT id FROM held WHERE text_hash = ? AND pair_hash = ? AND model = ? AND decided_at IS NULL');
  const again = db.prepare('UPDATE held SET seen = seen + 1, last_seen = ? WHERE id = ?');
  const waiting = db.prepare('SELECT count(*) AS n FROM held WHERE decided_at IS NULL');
  const insert = db.prepare(`
    INSERT INTO held (id, text, pair, text_hash, pair_hash, model, decision, label, labels, scores, rule, policy, client, language, ref, created, last_seen)
    VALUES (:id, :text, :pair, :textHash, :pairHash, :model, :decision, :label, :labels, :scores, :rule, :policy, :client, :language, :ref, :now, :now)`);
  /** Of an equal text that waits already only the count changes, whoever asks. */
  return (texts: readonly HeldText[], now: number): Held[] => {
    let [{ n: open }] = waiting.all() as [{ n: number }];
    return texts.map(({ text: input, verdict, client, language, ref }) => {
      const [text, pair] = typeof input === 'string' ? [input] : input;
      const model = `${verdict.model}@${verdict.version}`;
      const [textKey, pairKey] = [textHash(text), textHash(pair)];
      const [known] = find.all(textKey, pairKey, model) as { id: string }[];
      if (known) {
        again.run(now, known.id);
        return { queued: true, id: known.id };
      }
      if (open >= most) return { queued: false, reason: 'full' };
      open++;
      const id = randomUUID();
      const { decision, rule, policy = null } = verdict;
      insert.run({
        id,
        text: writeText(text),
        pair: pair === undefined ? null : writeText(pair),
        textHash: textKey,
        pairHash: pairKey,
        model,
        decision,
        ...answerOf(verdict),
        rule: JSON.stringify(rule),
        policy,
        client: client ?? null,
        language: language ?? null,
        ref: ref ?? null,
        now,
      });
      return { queued: true, id };
    });
  };
}

function answerOf(verdict: Verdict): { readonly label: string | null; readonly labels: string | null; readonly scores: string } {
  if (!('scores' in verdict)) return { label: null, labels: null, scores: JSON.stringify(verdict.values) };
  return { label: verdict.label, labels: verdict.labels ? JSON.stringify(verdict.labels) : null, scores: JSON.stringify(verdict.scores) };
}
