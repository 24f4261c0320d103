/** @file Figures of several runs, each as mean, deviation and range. */

export type Spread = {
  readonly mean: number;
  /** Of a sample (n - 1); `null` for one run. */
  readonly deviation: number | null;
  readonly min: number;
  readonly max: number;
  /** Runs in which the figure is defined. */
  readonly runs: number;
};

/** @returns `null` without values */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    deviation: values.length === 1 ? null : Math.sqrt(squares / (values.length - 1)),
    min: Math.min(...values),
    max: Math.max(...values),
    runs: values.length,
  };
}

/** The spread of every number in records of one shape, by dotted key: `macroF1`, `perClass.news.f1`. What is `null` in a run does not count. */
export function spreads(records: readonly object[]): Readonly<Record<string, Spread>> {
  const values = new Map<string, number[]>();
  for (const record of records)
    for (const [key, value] of numbersIn(record)) {
      const known = values.get(key);
      if (known) known.push(value);
      else values.set(key, [value]);
    }
  return Object.fromEntries([...values].map(([key, all]) => [key, spreadOf(all)!]));
}

/** Lists, such as a confusion matrix, are left out. */
function numbersIn(record: object, path: readonly string[] = []): (readonly [string, number])[] {
  return Object.entries(record).flatMap(([key, value]: [string, unknown]) => {
    const at = [...path, key];
    if (typeof value === 'number') return [[at.join('.'), value] as const];
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? numbersIn(value, at) : [];
  });
}
