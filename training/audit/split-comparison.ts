/** @file What a random split promises, and what a split by time shows: the same classifier on both, learning from as many texts. */
import { createRandom } from '../data/random.js';
import { counted, type Finding, finding, levelByShare, shareOf } from './findings.js';
import { dayOf } from './label-rates.js';
import { truthOf } from './learnable.js';
import { measureMajority, type Score } from './one-rule.js';
import type { AuditData, AuditRecord } from './records.js';
import { measureWords } from './word-counts.js';

export type SplitComparison = {
  /** Texts learned from and texts judged, the same in both. */
  readonly learned: number;
  readonly judged: number;
  /** The split by time learns from texts before this; Unix seconds. */
  readonly cut: number;
  readonly temporal: Score;
  readonly random: Score;
  readonly majorityTemporal: Score;
  readonly majorityRandom: Score;
};

const fewestTexts = 100;
const judgedShare = 0.2;

/** All timed, labelled texts of all splits: the oldest four fifths learn, the newest fifth is judged; and four fifths drawn at random.
 *  `undefined` without enough of them, or with several labels a text. */
export async function compareSplits({ task, records, labels }: AuditData, seed: number): Promise<SplitComparison | undefined> {
  const timed = records.filter((record) => record.labels && record.time !== undefined).sort((a, b) => a.time! - b.time!);
  if (task === 'multi-label' || labels.length < 2 || timed.length < fewestTexts || timed[0]!.time === timed.at(-1)!.time) return undefined;
  const learned = Math.round(timed.length * (1 - judgedShare));
  const measure = async (order: readonly AuditRecord[]): Promise<{ tfIdf: Score; majority: Score }> => {
    const [known, judged] = [order.slice(0, learned), order.slice(learned)];
    const majority = measureMajority(truthOf(known, labels), truthOf(judged, labels), labels.length);
    return { tfIdf: scoreOf(await measureWords(known, judged, labels)), majority: scoreOf(majority) };
  };
  const temporal = await measure(timed);
  const random = await measure(createRandom(seed).shuffle(timed));
  return {
    learned,
    judged: timed.length - learned,
    cut: timed[learned]!.time!,
    temporal: temporal.tfIdf,
    random: random.tfIdf,
    majorityTemporal: temporal.majority,
    majorityRandom: random.majority,
  };
}

export function splitFindings(comparison: SplitComparison | undefined, data: AuditData): Finding[] {
  return [...(comparison ? [flattery(comparison)] : []), ...overlaps(data)];
}

function flattery({ learned, judged, cut, temporal, random }: SplitComparison): Finding {
  const difference = random.macroF1 - temporal.macroF1;
  // Two shares of so many texts differ by this much by chance, once in twenty times.
  const chance = 1.96 * Math.sqrt([random, temporal].reduce((sum, { accuracy }) => sum + (accuracy * (1 - accuracy)) / judged, 0));
  const sure = random.accuracy - temporal.accuracy > chance;
  const level = sure ? levelByShare(difference, { error: 0.15, warning: 0.05 }) : 'info';
  const message = `Word counts with a linear classifier reach macro F1 ${random.macroF1.toFixed(3)} on a random split and ${temporal.macroF1.toFixed(3)} on a split by time at ${dayOf(cut)} (${learned} texts learned from, ${judged} judged): a random split promises ${Math.abs(difference * 100).toFixed(1)} points ${difference >= 0 ? 'more' : 'less'}.`;
  return finding('random-split-flatters', level, judged, message);
}

/** Only said where the later split is not simply later. */
function overlaps({ splits }: AuditData): Finding[] {
  const [first, ...later] = splits.map(({ name, records }) => ({ name, times: records.flatMap(({ time }) => time ?? []) }));
  if (!first || first.times.length === 0) return [];
  const newest = first.times.reduce((a, b) => Math.max(a, b));
  return later.flatMap(({ name, times }) => {
    const before = times.filter((time) => time < newest).length;
    if (before === 0) return [];
    return [finding('time-overlap', 'info', before, `${counted(before, 'text')} of ${name} (${shareOf(before, times.length)}) ${before === 1 ? 'is' : 'are'} older than the newest text of ${first.name} (${dayOf(newest)}).`)]; // biome-ignore format: short
  });
}

const scoreOf = ({ macroF1, accuracy }: Score): Score => ({ macroF1, accuracy });
