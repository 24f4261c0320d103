/** @file How often each label comes: by split, by period, by group. */
import { groupBy } from '../data/group-by.js';
import { counted, type Finding, finding, levelByShare, shareOf } from './findings.js';
import type { AuditData, AuditRecord } from './records.js';
import { chiSquare, fisher, type Interval, wilson } from './statistics.js';

export type LabelRate = Interval & { readonly count: number; readonly rate: number };

export type RateRow = {
  readonly name: string;
  readonly texts: number;
  /** By label; `low` to `high` is the 95 % interval. */
  readonly labels: Readonly<Record<string, LabelRate>>;
};

export type PeriodRow = RateRow & {
  /** Unix seconds of the first and the last text. */
  readonly from: number;
  readonly to: number;
};

export type LabelRates = {
  readonly bySplit: readonly RateRow[];
  /** Up to eight periods with as many texts each. Empty without times. */
  readonly byPeriod: readonly PeriodRow[];
  /** The twenty largest groups. Empty without groups. */
  readonly byGroup: readonly RateRow[];
  readonly findings: readonly Finding[];
};

const chance = 0.001;
const largePeriod = 20;

export function labelRates(data: AuditData): LabelRates {
  const { splits, labels } = data;
  const records = data.records.filter((record) => record.labels);
  const bySplit = splits
    .map(({ name, records: own }) => rateRow(name, own.filter((record) => record.labels), labels)) // biome-ignore format: short
    .filter(({ texts }) => texts > 0);
  const byPeriod = periodsOf(records).map((own) => ({
    ...rateRow(`${dayOf(own[0]!.time!)} – ${dayOf(own.at(-1)!.time!)}`, own, labels),
    from: own[0]!.time!,
    to: own.at(-1)!.time!,
  }));
  const groups = [...groupBy(records.filter(({ group }) => group !== undefined), ({ group }) => group!)] // biome-ignore format: short
    .sort(([a, first], [b, second]) => second.length - first.length || (a < b ? -1 : 1));
  const groupResult = labels.length > 1 && groups.length > 1 ? groupPredictsLabel(groups, data) : [];
  return {
    bySplit,
    byPeriod,
    byGroup: groups.slice(0, 20).map(([name, own]) => rateRow(name, own, labels)),
    findings: [...splitShift(bySplit, labels), ...drift(byPeriod, labels), ...groupResult, ...groupsAcrossSplits(data)],
  };
}

/** Timed texts in order of time, cut into parts with as many texts each. */
export function periodsOf(records: readonly AuditRecord[], most = 8): AuditRecord[][] {
  const timed = records.filter(({ time }) => time !== undefined).sort((a, b) => a.time! - b.time!);
  const count = Math.min(most, Math.floor(timed.length / largePeriod));
  if (count < 2 || timed[0]!.time === timed.at(-1)!.time) return [];
  return Array.from({ length: count }, (_, i) =>
    timed.slice(Math.round((i * timed.length) / count), Math.round(((i + 1) * timed.length) / count)),
  );
}

export const dayOf = (time: number): string => new Date(time * 1000).toISOString().slice(0, 10);

function rateRow(name: string, records: readonly AuditRecord[], labels: readonly string[]): RateRow {
  const rate = (label: string): LabelRate => {
    const count = records.filter((record) => record.labels!.includes(label)).length;
    return { count, rate: records.length === 0 ? 0 : count / records.length, ...wilson(count, records.length) };
  };
  return { name, texts: records.length, labels: Object.fromEntries(labels.map((label) => [label, rate(label)])) };
}

const tableOf = (rows: readonly RateRow[], labels: readonly string[]) => rows.map((row) => labels.map((label) => row.labels[label]!.count));

function splitShift(rows: readonly RateRow[], labels: readonly string[]): Finding[] {
  const { p, strength } = chiSquare(tableOf(rows, labels));
  if (p > chance || strength < 0.05) return [];
  const most = widest(rows, labels);
  const message = `The splits differ in their labels more than by chance: “${most.label}” is ${rangeOf(most)} (Cramér's V ${strength.toFixed(2)}).`;
  return [finding('label-shift', levelByShare(strength, { warning: 0.1 }), rows.length, message)];
}

function drift(rows: readonly RateRow[], labels: readonly string[]): Finding[] {
  const { p, strength } = chiSquare(tableOf(rows, labels));
  if (p > chance || strength < 0.05) return [];
  const most = widest(rows, labels);
  const message = `Labels move with time: “${most.label}” is ${rangeOf(most)} (${rows.length} periods of about ${rows[0]!.texts} texts, Cramér's V ${strength.toFixed(2)}).`;
  return [finding('label-drift', levelByShare(strength, { warning: 0.15 }), rows.length, message)];
}

type Widest = { readonly label: string; readonly low: RateRow; readonly high: RateRow };

/** The label whose rates lie furthest apart. */
function widest(rows: readonly RateRow[], labels: readonly string[]): Widest {
  const spreads = labels.map((label) => {
    const sorted = [...rows].sort((a, b) => a.labels[label]!.rate - b.labels[label]!.rate);
    return { label, low: sorted[0]!, high: sorted.at(-1)! };
  });
  const spread = ({ label, low, high }: Widest) => high.labels[label]!.rate - low.labels[label]!.rate;
  return spreads.reduce((a, b) => (spread(b) > spread(a) ? b : a));
}

function rangeOf({ label, low, high }: Widest): string {
  const of = (row: RateRow) => `${shareOf(row.labels[label]!.count, row.texts)} in ${row.name}`;
  return `${of(low)} and ${of(high)}`;
}

/** How often the most frequent label among the other texts of a group is the label. Each text is left out of its own vote. */
function groupPredictsLabel(groups: readonly (readonly [string, readonly AuditRecord[]])[], { labels, records }: AuditData): Finding[] {
  const several = groups.filter(([, own]) => own.length > 1).map(([, own]) => own);
  const texts = several.flat();
  if (texts.length < 20) return [];
  let right = 0;
  for (const own of several) {
    const counts = new Map(labels.map((label) => [label, own.filter((record) => record.labels!.includes(label)).length]));
    for (const record of own) {
      const votes = labels.map((label) => counts.get(label)! - (record.labels!.includes(label) ? 1 : 0));
      if (record.labels!.includes(labels[votes.indexOf(Math.max(...votes))]!)) right += 1;
    }
  }
  const mostFrequent = Math.max(...labels.map((label) => texts.filter((record) => record.labels!.includes(label)).length));
  // The share of the mistakes of "always the most frequent label" that knowing the group takes away.
  const gain = (right - mostFrequent) / Math.max(1, texts.length - mostFrequent);
  const p = fisher(right, texts.length, right + mostFrequent, 2 * texts.length);
  if (gain < 0.25 || p > chance) return [];
  const message = `The group alone gives the label of ${shareOf(right, texts.length)} of ${counted(texts.length, 'text')} in ${counted(several.length, 'group')}, where the most frequent label gives ${shareOf(mostFrequent, texts.length)} (${shareOf(texts.length, records.length)} of all texts have such a group).`;
  return [finding('group-predicts-label', levelByShare(gain, { error: 0.9, warning: 0.5 }), texts.length, message)];
}

function groupsAcrossSplits({ splits }: AuditData): Finding[] {
  const [first, ...later] = splits;
  const known = new Set(first?.records.map(({ group }) => group));
  return later.flatMap(({ name, records }) => {
    const grouped = records.filter(({ group }) => group !== undefined);
    const shared = grouped.filter(({ group }) => known.has(group));
    if (shared.length === 0) return [];
    const message = `${counted(shared.length, 'text')} of ${name} (of ${grouped.length} with a group; ${shareOf(shared.length, grouped.length)}) ${shared.length === 1 ? 'is' : 'are'} of a group that ${first!.name} has too.`;
    return [finding('groups-across-splits', 'info', shared.length, message)];
  });
}
