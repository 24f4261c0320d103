/** @file The form of the file, version by version. The nth entry takes a file from version n to n + 1; entries are never changed. */

/**
 * Texts are written as JSON has them: what SQLite calls text ends at U+0000, and has no place for half of a surrogate pair.
 * Times are milliseconds since 1970. An item is claimed while `claimed_until` is ahead; nothing has to be undone when it passes.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE held (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL,
    pair TEXT,
    text_hash BLOB NOT NULL,
    pair_hash BLOB NOT NULL,
    model TEXT NOT NULL,
    decision TEXT NOT NULL,
    label TEXT,
    labels TEXT,
    scores TEXT NOT NULL,
    rule TEXT NOT NULL,
    policy TEXT,
    client TEXT,
    language TEXT,
    ref TEXT,
    created INTEGER NOT NULL,
    seen INTEGER NOT NULL DEFAULT 1,
    last_seen INTEGER NOT NULL,
    claimed_by TEXT,
    claimed_until INTEGER,
    decided_at INTEGER,
    decided_by TEXT,
    outcome_action TEXT,
    outcome_label TEXT,
    outcome_labels TEXT,
    note TEXT
  );
  CREATE UNIQUE INDEX held_open ON held (text_hash, pair_hash, model) WHERE decided_at IS NULL;
  CREATE INDEX held_waiting ON held (seq) WHERE decided_at IS NULL;
  CREATE INDEX held_pair ON held (pair_hash);
  CREATE INDEX held_text ON held (text_hash);
  CREATE INDEX held_client ON held (client);
  CREATE INDEX held_decided ON held (decided_at);

  CREATE TABLE feedback (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL,
    pair TEXT,
    text_hash BLOB NOT NULL,
    pair_hash BLOB NOT NULL,
    model TEXT NOT NULL,
    label TEXT,
    labels TEXT,
    scores TEXT,
    note TEXT,
    client TEXT,
    token TEXT,
    community TEXT,
    idempotency TEXT,
    created INTEGER NOT NULL
  );
  CREATE UNIQUE INDEX feedback_once ON feedback (client, idempotency) WHERE idempotency IS NOT NULL;
  CREATE INDEX feedback_pair ON feedback (pair_hash);
  CREATE INDEX feedback_text ON feedback (text_hash);
  CREATE INDEX feedback_client ON feedback (client);
  CREATE INDEX feedback_created ON feedback (created);
  `,
];
