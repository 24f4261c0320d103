/** @file Rows of a table that never had a gradient: words that no text has held so far. Their moments are zero, so an update only lets them decay
 *  and averages them, which hangs on nothing but themselves. It is put off until somebody reads them, and then made step by step, so that every
 *  bit is as if it had been made at once. */
import type { Kernels } from '../kernels/kernels.js';

type Table = {
  readonly weight: Float32Array;
  readonly average: Float32Array;
  /** Floats of a row; a multiple of four, as kernels work on whole groups. */
  readonly width: number;
};
type Rows = { readonly start: number; readonly end: number };

/** Updates that are put off at most, so that waking a row late does not take long. */
const mostPending = 256;

/** Floats that all pending updates are made on, one after the other, while they are in the processor's nearest cache. */
const chunk = 2_048;

export class UnmovedRows {
  readonly #kernels: Kernels;
  readonly #table: Table;
  /** By row: 1 where there was a gradient. */
  readonly #moved: Uint8Array;
  #pending: { readonly keep: number; readonly decay: number }[] = [];

  constructor(kernels: Kernels, table: Table) {
    this.#kernels = kernels;
    this.#table = table;
    this.#moved = new Uint8Array(table.weight.length / table.width);
  }

  /** To be called before rows are read that will have a gradient. */
  wake(ids: BigInt64Array): void {
    for (const id of ids) {
      const row = Number(id);
      if (this.#moved[row] !== 0) continue;
      this.#moved[row] = 1;
      this.#make(row, row + 1);
    }
  }

  /** One update of all rows that have not moved. @param keep what is left of a weight; @param decay of the average */
  putOff(keep: number, decay: number): void {
    this.#pending.push({ keep, decay });
    if (this.#pending.length === mostPending) this.settle();
  }

  /** Makes what was put off; to be called before rows are read otherwise. */
  settle(): void {
    if (this.#pending.length > 0) for (const { start, end } of this.#stretches(0)) this.#make(start, end);
    this.#pending = [];
  }

  /** Rows that had a gradient. */
  moved(): Iterable<Rows> {
    return this.#stretches(1);
  }

  /** All rows are updated in full from now on. */
  wakeAll(): void {
    this.settle();
    this.#moved.fill(1);
  }

  /** The table was written anew, with these moments. */
  restart(first: Float32Array, second: Float32Array): void {
    const { width } = this.#table;
    this.#pending = [];
    for (let row = 0; row < this.#moved.length; row++) {
      const still = (moments: Float32Array): boolean => moments.subarray(row * width, (row + 1) * width).every((moment) => moment === 0);
      this.#moved[row] = still(first) && still(second) ? 0 : 1;
    }
  }

  #make(start: number, end: number): void {
    const { weight, average, width } = this.#table;
    for (let from = start * width; from < end * width; from += chunk) {
      const count = Math.min(chunk, end * width - from);
      for (const { keep, decay } of this.#pending)
        this.#kernels.keepAndAverage(weight.byteOffset + 4 * from, average.byteOffset + 4 * from, count, keep, decay);
    }
  }

  *#stretches(value: 0 | 1): Generator<Rows> {
    for (let start = this.#moved.indexOf(value); start !== -1; ) {
      const next = this.#moved.indexOf(1 - value, start);
      const end = next === -1 ? this.#moved.length : next;
      yield { start, end };
      start = this.#moved.indexOf(value, end);
    }
  }
}
