/** @file A bucket of tokens that fills at a steady rate: what is taken from it is what a client may do. Pure. */

/** Tokens at a moment of a clock that never goes back; ms. May be below zero: a debt. */
export type Bucket = { readonly tokens: number; readonly at: number };

export type BucketSize = {
  /** Tokens that it holds when full. */
  readonly amount: number;
  /** Seconds in which an empty one fills. */
  readonly seconds: number;
};

/** How full it is now. A client that is new has a full one. */
export function fill(bucket: Bucket | undefined, { amount, seconds }: BucketSize, now: number): Bucket {
  if (!bucket) return { tokens: amount, at: now };
  const elapsed = Math.max(0, now - bucket.at) / 1000;
  return { tokens: Math.min(amount, bucket.tokens + (elapsed * amount) / seconds), at: Math.max(now, bucket.at) };
}

/**
 * Seconds until `cost` can be taken from a bucket just filled; 0: now. What costs more than the bucket holds can be taken when it is
 * full, and leaves a debt: otherwise it could never be asked for.
 */
export function secondsUntil(cost: number, { tokens }: Bucket, { amount, seconds }: BucketSize): number {
  const missing = Math.min(cost, amount) - tokens;
  return missing <= tolerance ? 0 : (missing * seconds) / amount;
}

export const secondsUntilFull = ({ tokens }: Bucket, { amount, seconds }: BucketSize): number => ((amount - tokens) * seconds) / amount;

/** A wait that was computed, and waited for, must suffice, in spite of rounding. */
const tolerance = 1e-9;
