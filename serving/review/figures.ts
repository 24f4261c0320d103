/** @file How many of what the file holds. */
import { isFreeSql } from './item-row.js';
import { type Db, numberOf } from './open-file.js';

export type Figures = {
  /** Items that wait for a reviewer. */
  readonly open: number;
  readonly claimed: number;
  readonly decided: number;
  /** Decided items with a label: what `export` gives. */
  readonly labelled: number;
  readonly feedback: number;
  /** Decided items whose label is another than the model's. */
  readonly overruled: number;
  /** When the oldest item that waits came. ms since 1970 */
  readonly oldest: number | null;
  readonly bytes: number;
};

export function createFigures(db: Db) {
  const count = db.prepare(`
    SELECT
      count(*) FILTER (WHERE decided_at IS NULL AND ${isFreeSql}) AS open,
      count(*) FILTER (WHERE decided_at IS NULL AND NOT ${isFreeSql}) AS claimed,
      count(*) FILTER (WHERE decided_at IS NOT NULL) AS decided,
      count(*) FILTER (WHERE outcome_label IS NOT NULL OR outcome_labels IS NOT NULL) AS labelled,
      count(*) FILTER (WHERE outcome_label <> label) AS overruled,
      (SELECT count(*) FROM feedback) AS feedback,
      min(created) FILTER (WHERE decided_at IS NULL) AS oldest
    FROM held`);
  return (now: number): Figures => {
    const [figures] = count.all({ now }) as [Omit<Figures, 'bytes'>];
    return { ...figures, bytes: numberOf(db, 'page_count') * numberOf(db, 'page_size') };
  };
}
