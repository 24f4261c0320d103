/** @file Which names go with which label, and whether that holds over time: the entity bias that ENDEF (Zhu et al. 2022) is about. */
import { counted, exampleOf, type Finding, finding, levelByShare, shareOf } from './findings.js';
import { dayOf } from './label-rates.js';
import type { AuditData, AuditRecord } from './records.js';
import { fisher, type Interval, wilson } from './statistics.js';

export type Rate = Interval & { readonly count: number; readonly texts: number; readonly rate: number };

export type EntityRate = {
  readonly entity: string;
  /** Texts that have it. */
  readonly texts: number;
  /** The label whose rate differs most from what is usual. */
  readonly label: string;
  readonly count: number;
  /** Drawn towards the usual rate as if ten more texts had it: small counts do not shout. */
  readonly smoothed: number;
  /** 95 % of the plain rate. */
  readonly interval: Interval;
  /** The rate over all texts. */
  readonly usual: number;
  /** Fisher's exact test, times the number of tests. */
  readonly p: number;
  /** The rate before and from `middle` on; `null` where times are missing. */
  readonly earlier: Rate | null;
  readonly later: Rate | null;
  /** The rates over all timed texts of the two halves. */
  readonly usualEarlier: number | null;
  readonly usualLater: number | null;
};

export type EntityRates = {
  /** Where the names come from: the data, a finder of names, or nowhere. */
  readonly source: 'given' | 'extracted' | 'none';
  /** Different names, and those with enough texts to be tested. */
  readonly entities: number;
  readonly tested: number;
  /** Texts that names were looked for in. */
  readonly looked: number;
  /** Texts with at least one name. */
  readonly texts: number;
  /** When half of the timed texts with names had been written; Unix seconds. */
  readonly middle: number | null;
  /** The strongest associations that are not chance, at most 50. */
  readonly biased: readonly EntityRate[];
  /** Associations that changed more than by chance, at most 50. */
  readonly moved: readonly (EntityRate & { readonly pMoved: number })[];
  readonly findings: readonly Finding[];
};

const fewestTexts = 5;
const fewestHalf = 8;
const strongDifference = 0.2;
const chance = 0.01;
const priorTexts = 10;
const mostListed = 50;

/** @param data its records with the entities that are to be looked at */
export function entityRates({ records, labels }: AuditData, source: EntityRates['source']): EntityRates {
  // Where names were looked for in a sample, the rest says nothing about them.
  const looked = source === 'extracted' ? records.filter(({ entities }) => entities) : records;
  const withNames = looked.filter((record) => record.labels && (record.entities?.length ?? 0) > 0);
  const byEntity = textsByEntity(withNames);
  const middle = middleTime(withNames);
  const none: EntityRates = {
    source,
    entities: byEntity.size,
    tested: 0,
    looked: looked.length,
    texts: withNames.length,
    middle,
    biased: [],
    moved: [],
    findings: [],
  };
  if (labels.length < 2 || withNames.length === 0) return none;
  const labelled = looked.filter((record) => record.labels);
  const usual = new Map(labels.map((label) => [label, usualOf(label, labelled, middle)]));
  const frequent = [...byEntity].filter(([, texts]) => texts.length >= fewestTexts);
  const tests = frequent.length * (labels.length === 2 ? 1 : labels.length);
  const rates = frequent.map(([entity, texts]) => {
    const perLabel = labels.map((label) => rateOf(entity, label, texts, usual.get(label)!, tests));
    return perLabel.reduce((a, b) => (Math.abs(b.smoothed - b.usual) > Math.abs(a.smoothed - a.usual) + 1e-12 ? b : a));
  });
  const biased = rates
    .filter(({ p, count, texts, usual: rate }) => p <= chance && Math.abs(count / texts - rate) >= strongDifference)
    .sort((a, b) => Math.abs(b.smoothed - b.usual) - Math.abs(a.smoothed - a.usual) || b.texts - a.texts || (a.entity < b.entity ? -1 : 1));
  const comparable = rates.filter(({ earlier, later }) => earlier && later && earlier.texts >= fewestHalf && later.texts >= fewestHalf);
  const moved = comparable
    .map((rate) => ({ ...rate, pMoved: Math.min(1, comparable.length * movedByChance(rate.earlier!, rate.later!)) }))
    .filter(({ earlier, later, pMoved }) => pMoved <= chance && Math.abs(later!.rate - earlier!.rate) >= strongDifference)
    .sort(
      (a, b) => Math.abs(b.later!.rate - b.earlier!.rate) - Math.abs(a.later!.rate - a.earlier!.rate) || (a.entity < b.entity ? -1 : 1),
    );
  const findings = [...biasFinding(biased, byEntity, labelled), ...movedFinding(moved, byEntity, middle)];
  return { ...none, tested: frequent.length, biased: biased.slice(0, mostListed), moved: moved.slice(0, mostListed), findings };
}

/** One spelling of a name. */
export function entityKey(entity: string): string {
  return entity.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
}

function textsByEntity(records: readonly AuditRecord[]): Map<string, AuditRecord[]> {
  const byEntity = new Map<string, AuditRecord[]>();
  for (const record of records) {
    for (const key of new Set(record.entities!.map(entityKey))) {
      if (key === '') continue;
      const texts = byEntity.get(key);
      if (texts) texts.push(record);
      else byEntity.set(key, [record]);
    }
  }
  return byEntity;
}

function middleTime(records: readonly AuditRecord[]): number | null {
  const times = records.flatMap(({ time }) => time ?? []).sort((a, b) => a - b);
  return times.length < 2 || times[0] === times.at(-1) ? null : times[Math.floor(times.length / 2)]!;
}

type Halves = { readonly earlier: Rate | null; readonly later: Rate | null };
type Usual = Halves & { readonly count: number; readonly texts: number; readonly middle: number | null };

function usualOf(label: string, records: readonly AuditRecord[], middle: number | null): Usual {
  return { count: countOf(records, label), texts: records.length, middle, ...halvesOf(records, label, middle) };
}

function halvesOf(records: readonly AuditRecord[], label: string, middle: number | null): Halves {
  const timed = middle === null ? [] : records.filter(({ time }) => time !== undefined);
  const half = (own: readonly AuditRecord[]): Rate | null => {
    const count = countOf(own, label);
    return own.length === 0 ? null : { count, texts: own.length, rate: count / own.length, ...wilson(count, own.length) };
  };
  return { earlier: half(timed.filter(({ time }) => time! < middle!)), later: half(timed.filter(({ time }) => time! >= middle!)) };
}

function rateOf(entity: string, label: string, texts: readonly AuditRecord[], usual: Usual, tests: number): EntityRate {
  const count = countOf(texts, label);
  const rate = usual.count / usual.texts;
  return {
    entity,
    texts: texts.length,
    label,
    count,
    smoothed: (count + priorTexts * rate) / (texts.length + priorTexts),
    interval: wilson(count, texts.length),
    usual: rate,
    p: Math.min(1, tests * fisher(count, texts.length, usual.count, usual.texts)),
    ...halvesOf(texts, label, usual.middle),
    usualEarlier: usual.earlier?.rate ?? null,
    usualLater: usual.later?.rate ?? null,
  };
}

const countOf = (texts: readonly AuditRecord[], label: string): number => texts.filter(({ labels }) => labels!.includes(label)).length;

const movedByChance = (earlier: Rate, later: Rate): number =>
  fisher(later.count, later.texts, earlier.count + later.count, earlier.texts + later.texts);

function biasFinding(
  biased: readonly EntityRate[],
  byEntity: ReadonlyMap<string, readonly AuditRecord[]>,
  labelled: readonly AuditRecord[],
): Finding[] {
  if (biased.length === 0) return [];
  const covered = new Set(biased.flatMap(({ entity }) => byEntity.get(entity)!)).size;
  const message = `${counted(biased.length, 'name')} ${biased.length === 1 ? 'goes' : 'go'} with a label far more or less often than usual; ${counted(covered, 'text')} (${shareOf(covered, labelled.length)}) ${covered === 1 ? 'has' : 'have'} one.`;
  const examples = biased
    .slice(0, 5)
    .map(({ entity, label, count, texts, usual }) =>
      exampleOf(byEntity.get(entity)!, `${entity}: ${count} of ${texts} are “${label}” (usual ${(usual * 100).toFixed(0)} %)`),
    );
  return [finding('entity-bias', levelByShare(covered / labelled.length, { warning: 0.05 }), biased.length, message, examples)];
}

function movedFinding(
  moved: EntityRates['moved'],
  byEntity: ReadonlyMap<string, readonly AuditRecord[]>,
  middle: number | null,
): Finding[] {
  if (moved.length === 0) return [];
  const message = `What ${counted(moved.length, 'name')} ${moved.length === 1 ? 'stands' : 'stand'} for has changed between the texts before ${dayOf(middle!)} and those after.`;
  const examples = moved.slice(0, 5).map(({ entity, label, earlier, later, usualEarlier, usualLater }) => {
    const change = `“${label}” ${shareOf(earlier!.count, earlier!.texts)} of ${earlier!.texts}, then ${shareOf(later!.count, later!.texts)} of ${later!.texts}`;
    const all = `all texts: ${shareOf(usualEarlier!, 1)}, then ${shareOf(usualLater!, 1)}`;
    return exampleOf(byEntity.get(entity)!, `${entity}: ${change} (${all})`);
  });
  return [finding('entity-drift', 'warning', moved.length, message, examples)];
}
