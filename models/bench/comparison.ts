/** @file One thing measured on two sides in one run, and what may be said of it. */
import { median, quartiles } from './statistics.js';

/** Below this many runs a side there is no ratio: two or three runs differ by as much as anything worth telling. */
export const fewestRuns = 5;

export type Comparison = {
  readonly case: string;
  /** What of ours was measured, where there are several. */
  readonly engine?: string;
  readonly peer: string;
  /** Medians; `null` where that side did not run. */
  readonly ours: number;
  readonly theirs: number | null;
  readonly unit: string;
  /** Above 1 where we are better; `null` where there is nothing to compare with, or too little of it. */
  readonly ratio: number | null;
  /** Runs of the side that has fewer. */
  readonly runs: number;
  /** Quartiles of each side. */
  readonly spread: { readonly ours: Quartiles; readonly theirs: Quartiles | null };
};
type Quartiles = readonly [low: number, high: number];

export type Measured = {
  readonly case: string;
  readonly engine?: string;
  readonly peer: string;
  readonly unit: string;
  /** Which of two values is the better one. */
  readonly better: 'less' | 'more';
  readonly ours: readonly number[];
  /** Empty where the peer is absent. */
  readonly theirs: readonly number[];
  /** Runs that only show that everything works: no ratio, however many there are. */
  readonly quick?: boolean;
};

export function compare({ better, quick = false, ours, theirs, engine, ...named }: Measured): Comparison {
  const runs = theirs.length === 0 ? ours.length : Math.min(ours.length, theirs.length);
  const claimed = !quick && theirs.length > 0 && runs >= fewestRuns;
  const [mine, other] = [median(ours), theirs.length > 0 ? median(theirs) : null];
  return {
    case: named.case,
    ...(engine === undefined ? {} : { engine }),
    peer: named.peer,
    ours: mine,
    theirs: other,
    unit: named.unit,
    ratio: claimed ? sides[better](mine, other!) : null,
    runs,
    spread: { ours: quartiles(ours), theirs: theirs.length > 0 ? quartiles(theirs) : null },
  };
}

const sides: { readonly [B in Measured['better']]: (ours: number, theirs: number) => number } = {
  less: (ours, theirs) => theirs / ours,
  more: (ours, theirs) => ours / theirs,
};

/** `6 x 384: onnx 120.0 ms (118.2 to 124.0), PyTorch 110.0 ms (108.1 to 111.9): ratio .92, 20 runs` */
export function sentenceOf(comparison: Comparison): string {
  const { engine = 'ours', peer, ours, theirs, unit, ratio, runs, spread } = comparison;
  const side = (name: string, value: number, [low, high]: Quartiles) => `${name} ${shown(value)} ${unit} (${shown(low)} to ${shown(high)})`;
  const mine = `${comparison.case}: ${side(engine, ours, spread.ours)}`;
  if (theirs === null || spread.theirs === null) return `${mine}; ${peer} did not run`;
  const verdict =
    ratio === null
      ? `no ratio: ${runs < fewestRuns ? `${runs} runs, it takes ${fewestRuns}` : 'a quick run'}`
      : `ratio ${ratio.toFixed(2)}, ${runs} runs`;
  return `${mine}, ${side(peer, theirs, spread.theirs)}: ${verdict}`;
}

/** Four digits that count, whatever the unit. */
const shown = (value: number): string => (value >= 1000 ? value.toFixed(0) : Number(value.toPrecision(4)).toString());
