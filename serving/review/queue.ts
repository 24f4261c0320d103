/** @file Reviewers at the queue: look, claim, decide, let go. */
import type { DecisionRequest, ReviewFilter, ReviewItem } from '../protocol/index.js';
import { claimHolds, type ItemRow, isFreeSql, toItem } from './item-row.js';
import type { Db } from './open-file.js';

export type ListRequest = ReviewFilter & { readonly limit: number; readonly cursor?: string | undefined };
export type Page = { readonly items: readonly ReviewItem[]; readonly next?: string };

export type ClaimRequest = {
  /** Whose claim it is. */
  readonly by: string;
  readonly count: number;
  readonly label?: string | undefined;
  readonly model?: string | undefined;
  /** Also what `by` holds already, first. */
  readonly resume: boolean;
  readonly leaseMs: number;
};
export type Claimed = { readonly items: readonly ReviewItem[]; readonly open: number };

/** What became of a wish that concerns one item. `taken`: somebody else has it, or it is decided. `unknown-label`: not one that its model gives. */
export type Outcome =
  | { readonly kind: 'done'; readonly item: ReviewItem }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unknown-label' }
  | { readonly kind: 'taken'; readonly item: ReviewItem };

const statusSql: { readonly [S in ReviewItem['status']]: string } = {
  open: `decided_at IS NULL AND ${isFreeSql}`,
  claimed: `decided_at IS NULL AND NOT ${isFreeSql}`,
  decided: 'decided_at IS NOT NULL',
};

const filter = '(:label IS NULL OR label = :label) AND (:model IS NULL OR model = :model)';

export function createQueue(db: Db) {
  const byId = db.prepare('SELECT * FROM held WHERE id = ?');
  const list = (where: string) =>
    db.prepare(
      `SELECT * FROM held WHERE seq > :after AND ${where} AND ${filter} AND (:client IS NULL OR client = :client) ORDER BY seq LIMIT :limit`,
    );
  const lists = { any: list('1'), open: list(statusSql.open), claimed: list(statusSql.claimed), decided: list(statusSql.decided) };
  const mine = db.prepare(
    `SELECT seq FROM held WHERE ${statusSql.claimed} AND claimed_by = :by AND ${filter}
     ORDER BY seq LIMIT :count`,
  );
  const free = db.prepare(
    `SELECT seq FROM held WHERE ${statusSql.open} AND ${filter}
     ORDER BY seq LIMIT :count`,
  );
  const take = db.prepare('UPDATE held SET claimed_by = ?, claimed_until = ? WHERE seq = ? RETURNING *');
  const waiting = db.prepare(`SELECT count(*) AS n FROM held WHERE ${statusSql.open} AND ${filter}`);
  const settle = db.prepare(`
    UPDATE held SET claimed_by = NULL, claimed_until = NULL, decided_at = :now, decided_by = :by,
      outcome_action = :action, outcome_label = :label, outcome_labels = :labels, note = :note
    WHERE seq = :seq RETURNING *`);
  const letGo = db.prepare('UPDATE held SET claimed_by = NULL, claimed_until = NULL WHERE seq = ? RETURNING *');
  const find = (id: string): ItemRow | undefined => (byId.all(id) as ItemRow[])[0];
  const others = (row: ItemRow, by: string, now: number): boolean =>
    row.decided_at !== null || (claimHolds(row, now) && row.claimed_by !== by);

  return {
    list({ limit, cursor, status, label = null as never, model = null as never, client = null as never }: ListRequest, now: number): Page {
      const rows = lists[status ?? 'any'].all({ now, label, model, client, after: Number(cursor ?? 0), limit: limit + 1 }) as ItemRow[];
      const items = rows.slice(0, limit).map((row) => toItem(row, now));
      return rows.length > limit ? { items, next: String(rows[limit - 1]?.seq) } : { items };
    },

    /** The oldest that nobody has. What somebody has claimed is nobody else's until that claim ends. */
    claim({ by, count, label = null as never, model = null as never, resume, leaseMs }: ClaimRequest, now: number): Claimed {
      const wanted = { label, model, now };
      const held = resume ? (mine.all({ ...wanted, by, count }) as { seq: number }[]) : [];
      const found = [...held, ...(free.all({ ...wanted, count: count - held.length }) as { seq: number }[])];
      const items = found.flatMap(({ seq }) => (take.all(by, now + leaseMs, seq) as ItemRow[]).map((row) => toItem(row, now)));
      const [{ n }] = waiting.all(wanted) as [{ n: number }];
      return { items, open: n };
    },

    decide(id: string, by: string, { action, label, labels, note }: DecisionRequest, now: number): Outcome {
      const row = find(id);
      if (!row) return { kind: 'unknown' };
      if (others(row, by, now)) return { kind: 'taken', item: toItem(row, now) };
      const several = row.labels !== null;
      const given = labels ?? (label === undefined ? undefined : [label]);
      const known = row.label === null ? [] : Object.keys(JSON.parse(row.scores) as object);
      if (given && (given.some((one) => !known.includes(one)) || (!several && given.length !== 1))) return { kind: 'unknown-label' };
      const [done] = settle.all({
        now,
        by,
        action: action ?? null,
        label: several ? null : (given?.[0] ?? null),
        labels: several && given ? JSON.stringify([...new Set(given)]) : null,
        note: note ?? null,
        seq: row.seq,
      }) as [ItemRow];
      return { kind: 'done', item: toItem(done, now) };
    },

    release(id: string, by: string, now: number): Outcome {
      const row = find(id);
      if (!row) return { kind: 'unknown' };
      if (others(row, by, now)) return { kind: 'taken', item: toItem(row, now) };
      const [done] = letGo.all(row.seq) as [ItemRow];
      return { kind: 'done', item: toItem(done, now) };
    },
  };
}
