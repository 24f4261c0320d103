/** @file Takes texts out of the file for good: on request, and when their time is over. */
import type Database from 'libsql';
import type { EraseRequest } from '../protocol/index.js';
import { type Db, numberOf } from './open-file.js';
import { textHash } from './text-hash.js';

export function createErase(db: Db) {
  const tables = ['held', 'feedback'] as const;
  const remove = (where: string) => tables.map((table) => db.prepare(`DELETE FROM ${table} WHERE ${where}`));
  const [byId, byText, byClient] = [remove('id = ?'), remove('text_hash = ? OR pair_hash = ?'), remove('client = ?')];
  const old = [
    db.prepare('DELETE FROM held WHERE coalesce(decided_at, last_seen) < ?'),
    db.prepare('DELETE FROM feedback WHERE created < ?'),
  ];
  const run = (statements: readonly Database.Statement[], ...values: unknown[]): number =>
    statements.reduce((sum, statement) => sum + statement.run(...values).changes, 0);
  return {
    /** @returns how many items and suggestions are gone */
    erase(request: EraseRequest): number {
      if ('id' in request) return run(byId, request.id);
      if ('client' in request) return run(byClient, request.client);
      const hash = textHash(request.text);
      return run(byText, hash, hash);
    },
    /** @param before ms since 1970; what was decided, last held or suggested before that goes */
    sweep: (before: number): number => run(old, before),
  };
}

/**
 * Rebuilds the file, and empties the log beside it, so that nothing of what was deleted is left in either: where SQLite once moved
 * a row from page to page, `secure_delete` leaves a copy. Not within a transaction.
 *
 * @returns whether the log could be emptied; not while another process reads it
 */
export function clean(db: Db): boolean {
  db.exec('VACUUM');
  return numberOf(db, 'wal_checkpoint(TRUNCATE)') === 0;
}
