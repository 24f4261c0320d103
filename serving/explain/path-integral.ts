/** @file What each token adds on the way from a baseline to the text, summed up where the way is steep in small steps. */

/** At a point of the way: how strongly the model means the label there, and what each token adds to it. */
export type PathAnswer = { readonly strength: number; readonly attributions: ArrayLike<number> };

export type PathSum = {
  /** Of each token. They add up to `whole - empty`, but for what the steps miss. */
  readonly attributions: readonly number[];
  /** The strength at the end of the way. */
  readonly whole: number;
  /** And at its beginning. */
  readonly empty: number;
};

export type PathOptions = {
  /** Steps of equal length to begin with. */
  readonly first: number;
  /** Points that may be asked; more than `first`. */
  readonly most: number;
};

/** Half of the worst steps go on; this many points at once. */
const atOnce = 8;
/** What the steps may miss: this share of what they add up to, and a little where that is next to nothing. */
const tolerance = { share: 0.05, least: 0.02 };

type Point = PathAnswer & { readonly progress: number; readonly slope: number };

/**
 * Integrated gradients by the trapezoidal rule. What a step should add up to is known, for the strength is given at both of its ends: the
 * steps that miss most of it are halved, until little is missed or the points are used up. Steep ways get many points, smooth ones few.
 *
 * @param ask for points between 0 and 1
 */
export async function pathIntegral(
  ask: (progress: readonly number[]) => Promise<readonly PathAnswer[]>,
  { first, most }: PathOptions,
): Promise<PathSum> {
  const pointsAt = async (progress: readonly number[]): Promise<readonly Point[]> => {
    const answers = await ask(progress);
    return answers.map((answer, i) => ({ ...answer, progress: progress[i]!, slope: sum(answer.attributions) }));
  };
  let points = await pointsAt(Array.from({ length: first + 1 }, (_, i) => i / first));
  for (;;) {
    const halves = worstSteps(points, Math.min(atOnce, most - points.length));
    if (halves.length === 0) break;
    points = [...points, ...(await pointsAt(halves))].sort((a, b) => a.progress - b.progress);
  }
  const steps = stepsOf(points);
  const attributions = Array.from(points[0]!.attributions, (_, token) =>
    steps.reduce(
      (total, { from, to }) => total + ((to.progress - from.progress) * (from.attributions[token]! + to.attributions[token]!)) / 2,
      0,
    ),
  );
  return { attributions, whole: points.at(-1)!.strength, empty: points[0]!.strength };
}

/** The middles of the steps that miss most; none where all together miss little. */
function worstSteps(points: readonly Point[], room: number): readonly number[] {
  const missed = stepsOf(points).map(({ from, to }) => {
    const length = to.progress - from.progress;
    const miss = Math.abs((length * (from.slope + to.slope)) / 2 - (to.strength - from.strength));
    return { middle: from.progress + length / 2, miss };
  });
  const total = sum(missed.map(({ miss }) => miss)); // biome-ignore format: short
  const change = Math.abs(points.at(-1)!.strength - points[0]!.strength);
  if (room <= 0 || total <= tolerance.share * change + tolerance.least) return [];
  const worst = missed.filter(({ miss }) => miss > tolerance.share * total).sort((a, b) => b.miss - a.miss || a.middle - b.middle);
  return worst.slice(0, room).map(({ middle }) => middle);
}

const stepsOf = (points: readonly Point[]): readonly { readonly from: Point; readonly to: Point }[] =>
  points.slice(1).map((to, i) => ({ from: points[i]!, to }));

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
