/** @file Decisions and suggestions as lines of a training file: what `copydesk train` reads, and where each comes from. */
import type { ExportFilter } from '../protocol/index.js';
import { type ItemRow, iso, list, pairOf, present } from './item-row.js';
import type { Db } from './open-file.js';
import { readText } from './text-hash.js';

export type TrainingRow = {
  readonly text: string;
  readonly pair?: string;
  readonly label?: string;
  readonly labels?: readonly string[];
  /** What the model had said, of an item of the queue. */
  readonly predicted?: string;
  readonly source: 'review' | 'feedback';
  readonly model: string;
  /** What was done with the text. */
  readonly action?: 'publish' | 'block';
  /** By label, as a client suggested them. */
  readonly scores?: Readonly<Record<string, number>>;
  readonly note?: string;
  /** Who asked for a verdict on it, or made the suggestion. */
  readonly client?: string;
  /** What that client calls it. */
  readonly ref?: string;
  readonly time: string;
};

export type TrainingPage = {
  readonly rows: readonly TrainingRow[];
  /** Where to go on; absent at the end. */
  readonly next?: TrainingCursor;
};
export type TrainingCursor = { readonly source: TrainingRow['source']; readonly after: number };

type FeedbackRow = Pick<ItemRow, 'seq' | 'text' | 'pair' | 'model' | 'label' | 'labels' | 'note' | 'client'> & {
  readonly scores: string | null;
  readonly token: string | null;
  readonly created: number;
};

const pageRows = 200;

const filters = '(:model IS NULL OR model = :model) AND (:client IS NULL OR client = :client)';

/** What has a label. A suggestion on a text that a reviewer has labelled for the same model is left out: one of them knew less. */
export function createTrainingRows(db: Db) {
  const decided = db.prepare(`
    SELECT * FROM held WHERE seq > :after AND (outcome_label IS NOT NULL OR outcome_labels IS NOT NULL) AND decided_at >= :since AND ${filters}
    ORDER BY seq LIMIT :limit`);
  const suggested = db.prepare(`
    SELECT * FROM feedback AS f WHERE seq > :after AND created >= :since AND ${filters} AND NOT EXISTS (
      SELECT 1 FROM held AS h WHERE h.text_hash = f.text_hash AND h.pair_hash = f.pair_hash AND h.model = f.model
        AND (h.outcome_label IS NOT NULL OR h.outcome_labels IS NOT NULL))
    ORDER BY seq LIMIT :limit`);
  return ({ source, model, client, since }: ExportFilter, from?: TrainingCursor): TrainingPage => {
    const { source: at, after } = from ?? { source: source ?? 'review', after: 0 };
    const values = {
      after,
      since: since === undefined ? 0 : Date.parse(since),
      model: model ?? null,
      client: client ?? null,
      limit: pageRows,
    };
    const found = (at === 'review' ? decided : suggested).all(values) as (ItemRow & FeedbackRow)[];
    const rows = found.flatMap((row) => (at === 'review' ? [ofReview(row)] : ofFeedback(row)));
    if (found.length === pageRows) return { rows, next: { source: at, after: found[pageRows - 1]!.seq } };
    return at === 'review' && source === undefined ? { rows, next: { source: 'feedback', after: 0 } } : { rows };
  };
}

const ofReview = (row: ItemRow): TrainingRow => ({
  text: readText(row.text),
  ...present({
    pair: pairOf(row),
    label: row.outcome_label,
    labels: list(row.outcome_labels),
    predicted: row.labels === null ? row.label : null,
  }),
  source: 'review',
  model: row.model,
  ...present({ action: row.outcome_action, note: row.note, client: row.client, ref: row.ref }),
  time: iso(row.decided_at ?? row.created),
});

/** Scores say a label where one of them is above one half, and no other as high. */
function ofFeedback(row: FeedbackRow): readonly TrainingRow[] {
  const scores = row.scores === null ? undefined : (JSON.parse(row.scores) as Record<string, number>);
  const label = row.label ?? (row.labels === null && scores ? likeliest(scores) : undefined);
  if (label === undefined && row.labels === null) return [];
  return [
    {
      text: readText(row.text),
      ...present({ pair: pairOf(row), label, labels: list(row.labels) }),
      source: 'feedback',
      model: row.model,
      ...present({ scores, note: row.note, client: row.client, ref: row.token }),
      time: iso(row.created),
    },
  ];
}

function likeliest(scores: Readonly<Record<string, number>>): string | undefined {
  const [first, second] = Object.entries(scores).sort(([, a], [, b]) => b - a);
  return first && first[1] > 0.5 && first[1] !== second?.[1] ? first[0] : undefined;
}
