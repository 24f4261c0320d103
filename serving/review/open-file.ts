/** @file Opens the file of the queue: settings of SQLite, and its form brought up to date. */
import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { UsageError } from '../../models/index.js';
import { migrations } from './migrations.js';

export type Db = Database.Database;

export type FileOptions = {
  /** Largest size. MiB */
  readonly megabytes: number;
  /** For which another process that writes is waited for. ms */
  readonly busyMs: number;
};

const pageBytes = 4_096;

/**
 * What is committed survives a crash of the process and of the machine (WAL, synchronous FULL). What is erased is overwritten
 * (secure_delete); copies that SQLite made when it moved rows are not, which is why `erase` also rebuilds the file.
 *
 * @throws UsageError `serving/start` for a path that cannot be a file of ours, and for one that a newer version has written
 */
export function openFile(path: string, { megabytes, busyMs }: FileOptions): Db {
  checkPlace(path);
  makePrivate(path);
  const db = new Database(path, { timeout: busyMs });
  try {
    checkVersion(db, path);
    // The rebuilding of the file takes place in memory: no second copy of the texts lies in a folder for temporary files.
    for (const pragma of ['secure_delete = ON', 'temp_store = MEMORY', 'foreign_keys = ON']) db.pragma(pragma);
    if (numberOf(db, 'user_version') === 0) db.pragma(`page_size = ${pageBytes}`);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma(`max_page_count = ${Math.floor((megabytes * 2 ** 20) / pageBytes)}`);
    migrate(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** What `openFile` would refuse for good, without making or changing anything. @throws as `openFile` */
export function checkFile(path: string): void {
  checkPlace(path);
  if (!existsSync(path)) return;
  const db = new Database(path);
  try {
    checkVersion(db, path);
  } catch (error) {
    // One that is damaged or locked keeps no server from starting.
    if (error instanceof UsageError) throw error;
  } finally {
    db.close();
  }
}

/** A setting of SQLite that is a number. */
export function numberOf(db: Db, pragma: string): number {
  const [row] = db.prepare(`PRAGMA ${pragma}`).all() as Record<string, number>[];
  return Object.values(row ?? {})[0] ?? 0;
}

function checkPlace(path: string): void {
  const folder = dirname(path);
  if (!existsSync(folder)) throw place(`the folder ${folder} is not there`, 'make it, or name another file.');
  if (existsSync(path) && !statSync(path).isFile()) throw place(`${path} is no file`, 'name a file; it is made if it is not there.');
}

/** What people wrote is for the owner of the file alone; SQLite gives the files beside it the same rights. */
function makePrivate(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
}

const place = (what: string, fix: string): UsageError => new UsageError('serving/start', `review: ${what}`, fix);

function checkVersion(db: Db, path: string): void {
  const version = numberOf(db, 'user_version');
  if (version > migrations.length) {
    const what = `${path} was written by a newer copydesk (form ${version}; this one knows up to ${migrations.length})`;
    throw place(what, 'use that version or a later one, or name another file.');
  }
  const [{ n }] = db.prepare("SELECT count(*) AS n FROM sqlite_master WHERE name IN ('held', 'feedback')").all() as [{ n: number }];
  const [{ all }] = db.prepare('SELECT count(*) AS "all" FROM sqlite_master').all() as [{ all: number }];
  if ((version === 0 && all > 0) || (version > 0 && n < 2))
    throw place(`${path} is a database of something else`, 'name another file; it is made if it is not there.');
}

/** Two processes may open a new file at once: the second finds the work done. */
function migrate(db: Db): void {
  if (numberOf(db, 'user_version') === migrations.length) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    for (let version = numberOf(db, 'user_version'); version < migrations.length; version++) db.exec(migrations[version]!);
    db.pragma(`user_version = ${migrations.length}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
