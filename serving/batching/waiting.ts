/** @file What waits for a worker. */

/** A text that waits, and whose it is. */
export type Waiting<T> = {
  /** Texts of different lanes (models) never share a batch. */
  readonly lane: string;
  /** Who asks. Clients take turns; one client's texts keep their order. */
  readonly client: string;
  /** Texts of one key are the same text to the same model: they are computed once, for all who wait. */
  readonly key: string;
  /** Its length. */
  readonly tokens: number;
  /** Milliseconds, on the clock of whoever calls. */
  readonly arrived: number;
  /** After this moment nobody waits for the answer. */
  readonly deadline: number;
  /** Never share a batch: it was in one that failed. */
  readonly alone: boolean;
  readonly payload: T;
};

/** One text to compute, for everybody who waits for it. */
export type Work<T> = {
  readonly lane: string;
  readonly key: string;
  readonly tokens: number;
  /** The latest deadline of those who wait: as long as it can be met, the work is worth doing. */
  readonly deadline: number;
  readonly alone: boolean;
  /** Never empty. */
  readonly entries: readonly Waiting<T>[];
};

/** How much lies ahead. */
export type Backlog = { readonly texts: number; readonly tokens: number };
