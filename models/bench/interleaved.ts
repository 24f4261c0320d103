/** @file Sides that take turns, so that a slow moment of the machine meets all of them. */

export type Contestant = {
  readonly name: string;
  /** One run, in whatever unit is compared. */
  run(): Promise<number>;
};

export type Timed = { readonly name: string; readonly values: readonly number[] };

export type InterleavedOptions = {
  /** That count, a side. */
  readonly runs: number;
  /** Before them, a side, that do not. */
  readonly warmUp: number;
  /** Before each run: threads of the side before still look for work for a while. Default 50. */
  readonly pauseMs?: number;
  /** Runs of each turn that do not count, before the one that does: for what is done over and over, and finds its caches and threads as it left them. Default 0. */
  readonly leadIn?: number;
};

export async function interleaved(
  contestants: readonly Contestant[],
  { runs, warmUp, pauseMs = 50, leadIn = 0 }: InterleavedOptions,
): Promise<readonly Timed[]> {
  const all = contestants.map(({ name }) => ({ name, values: [] as number[] }));
  for (let round = -warmUp; round < runs; round++) {
    for (const [i, contestant] of contestants.entries()) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      for (let i = 0; i < leadIn; i++) await contestant.run();
      const value = await contestant.run();
      if (round >= 0) all[i]!.values.push(value);
    }
  }
  return all;
}
