/** @file Texts that come more than once, word for word or nearly: within a split, across splits, and with different labels. */
import { groupBy } from '../data/group-by.js';
import { textKey } from '../data/text-key.js';
import { counted, exampleOf, type Finding, finding, levelByShare, shareOf } from './findings.js';
import { type NearDuplicateOptions, nearDuplicates } from './near-duplicates.js';
import { type AuditData, type AuditRecord, labelKey, placeOf } from './records.js';

export type DuplicateCounts = {
  /** Repetitions of an earlier text. */
  readonly exact: number;
  /** Other texts that are nearly the same as one there. */
  readonly near: number;
  /** Texts of the split (across: of the later split). */
  readonly of: number;
};

export type Duplicates = {
  readonly threshold: number;
  readonly within: Readonly<Record<string, DuplicateCounts>>;
  readonly across: readonly (DuplicateCounts & { readonly earlier: string; readonly later: string })[];
  /** Different texts with more than one label. */
  readonly contradictory: number;
  /** Different texts that are nearly the same as one with another label. */
  readonly contradictoryNear: number;
  /** Groups of near-duplicates, the largest first. */
  readonly largest: readonly {
    readonly texts: number;
    readonly byLabel: Readonly<Record<string, number>>;
    readonly where: readonly string[];
  }[];
  readonly findings: readonly Finding[];
};

type Unique = { readonly records: readonly AuditRecord[]; readonly near: Unique[] };

const threshold = 0.8;

export function findDuplicates({ splits, records }: AuditData, options: Pick<NearDuplicateOptions, 'onProgress'> = {}): Duplicates {
  const uniques: Unique[] = [...groupBy(records, textKey).values()].map((same) => ({ records: same, near: [] }));
  const classes = new Map<string, number>();
  const classNumbers = uniques.map(({ records: same }) => {
    const key = JSON.stringify([...new Set(same.map((record) => `${record.split}\n${labelKey(record)}`))].sort());
    if (!classes.has(key)) classes.set(key, classes.size);
    return classes.get(key)!;
  });
  const { pairs, clusters } = nearDuplicates(
    uniques.map(({ records: same }) => same[0]!),
    { threshold, classOf: (index) => classNumbers[index]!, ...options },
  );
  for (const { a, b } of pairs) {
    uniques[a]!.near.push(uniques[b]!);
    uniques[b]!.near.push(uniques[a]!);
  }
  const names = splits.map(({ name }) => name);
  const within = names.map((name) => withinSplit(name, uniques));
  const across = names.flatMap((earlier, at) => names.slice(at + 1).map((later) => acrossSplits(earlier, later, uniques)));
  const contradictions = contradictory(uniques);
  return {
    threshold,
    within: Object.fromEntries(within.map(({ counts }, at) => [names[at]!, counts])),
    across: across.map(({ counts }) => counts),
    contradictory: contradictions.exact,
    contradictoryNear: contradictions.near,
    largest: clusters
      .map((members) => members.flatMap((member) => uniques[member]!.records))
      .sort((a, b) => b.length - a.length)
      .slice(0, 20)
      .map((all) => ({
        texts: all.length,
        byLabel: Object.fromEntries([...groupBy(all, (record) => labelKey(record) ?? '')].map(([label, own]) => [label, own.length])),
        where: all.slice(0, 6).map(placeOf),
      })),
    findings: [...within, ...across].flatMap(({ findings }) => findings).concat(contradictions.findings),
  };
}

const inSplit = ({ records }: Unique, name: string): readonly AuditRecord[] => records.filter(({ split }) => split === name);

function withinSplit(name: string, uniques: readonly Unique[]): { counts: DuplicateCounts; findings: Finding[] } {
  const present = uniques.map((unique) => ({ unique, here: inSplit(unique, name) })).filter(({ here }) => here.length > 0);
  const of = present.reduce((sum, { here }) => sum + here.length, 0);
  const repeated = present.filter(({ here }) => here.length > 1);
  const near = present.filter(({ unique }) => unique.near.some((other) => inSplit(other, name).length > 0));
  const exact = of - present.length;
  const findings = [
    ...(exact === 0
      ? []
      : [
          finding(
            'duplicates-within-split',
            levelByShare(exact / of, { warning: 0.01 }),
            exact,
            `${counted(exact, 'text')} of ${name} (of ${of}; ${shareOf(exact, of)}) ${exact === 1 ? 'repeats' : 'repeat'} an earlier one word for word.`,
            bySize(repeated.map(({ here }) => here)).map((here) => exampleOf(here, `${here.length} times`)),
          ),
        ]),
    ...(near.length === 0
      ? []
      : [
          finding(
            'near-duplicates-within-split',
            levelByShare(near.length / of, { warning: 0.05 }),
            near.length,
            `${counted(near.length, 'different text')} of ${name} (of ${of}; ${shareOf(near.length, of)}) ${near.length === 1 ? 'has' : 'have'} a near-duplicate there (${threshold * 100} % of the short runs of characters are the same).`,
            near.flatMap(({ unique, here }) => {
              const later = unique.near.find((other) => (inSplit(other, name)[0]?.line ?? 0) > here[0]!.line);
              return later ? [beside(here, later, name)] : []; // each pair once
            }),
          ),
        ]),
  ];
  return { counts: { exact, near: near.length, of }, findings };
}

function acrossSplits(
  earlier: string,
  later: string,
  uniques: readonly Unique[],
): { counts: Duplicates['across'][number]; findings: Finding[] } {
  const present = uniques.map((unique) => ({ unique, here: inSplit(unique, later) })).filter(({ here }) => here.length > 0);
  const of = present.reduce((sum, { here }) => sum + here.length, 0);
  const known = present.filter(({ unique }) => inSplit(unique, earlier).length > 0);
  const alike = present.flatMap(({ unique, here }) => {
    if (inSplit(unique, earlier).length > 0) return [];
    const other = unique.near.find((one) => inSplit(one, earlier).length > 0);
    return other ? [{ here, other }] : [];
  });
  const texts = (list: readonly { here: readonly AuditRecord[] }[]) => list.reduce((sum, { here }) => sum + here.length, 0);
  const [exact, near] = [texts(known), texts(alike)];
  const findings: Finding[] = [];
  if (exact > 0) {
    findings.push(
      finding(
        'duplicates-across-splits',
        levelByShare(exact / of, { error: 0.01, warning: 0 }),
        exact,
        `${counted(exact, 'text')} of ${later} (of ${of}; ${shareOf(exact, of)}) ${exact === 1 ? 'is' : 'are'} word for word in ${earlier} too.`,
        known.map(({ unique, here }) => exampleOf([...here.slice(0, 3), ...inSplit(unique, earlier).slice(0, 3)])),
      ),
    );
  }
  if (near > 0) {
    findings.push(
      finding(
        'near-duplicates-across-splits',
        levelByShare(near / of, { error: 0.05, warning: 0.01 }),
        near,
        `${counted(near, exact > 0 ? 'more text' : 'text')} of ${later} (of ${of}; ${shareOf(near, of)}) ${near === 1 ? 'has' : 'have'} a near-duplicate in ${earlier}.`,
        alike.slice(0, 5).map(({ here, other }) => beside(here, other, earlier)),
      ),
    );
  }
  return { counts: { earlier, later, exact, near, of }, findings };
}

function contradictory(uniques: readonly Unique[]): { exact: number; near: number; findings: Finding[] } {
  const labelsOf = ({ records }: Unique) => [...new Set(records.flatMap((record) => labelKey(record) ?? []))];
  const labelled = uniques.map((unique) => ({ unique, labels: labelsOf(unique) })).filter(({ labels }) => labels.length > 0);
  const exact = labelled.filter(({ labels }) => labels.length > 1);
  const near = labelled.flatMap(({ unique, labels }) => {
    if (labels.length > 1) return [];
    const other = unique.near.find((one) => labelsOf(one).some((label) => label !== labels[0]));
    return other ? [{ unique, other }] : [];
  });
  const findings: Finding[] = [];
  if (exact.length > 0) {
    findings.push(
      finding(
        'contradictory-labels',
        levelByShare(exact.length / labelled.length, { error: 0.01, warning: 0 }),
        exact.length,
        `${counted(exact.length, 'text')} ${exact.length === 1 ? 'has' : 'have'} more than one label (${shareOf(exact.length, labelled.length)} of the different texts).`,
        exact.map(({ unique, labels }) => exampleOf(unique.records, labels.join(' / '))),
      ),
    );
  }
  if (near.length > 0) {
    findings.push(
      finding(
        'contradictory-near-duplicates',
        levelByShare(near.length / labelled.length, { warning: 0.005 }),
        near.length,
        `${counted(near.length, 'text')} ${near.length === 1 ? 'has' : 'have'} a near-duplicate with another label (${shareOf(near.length, labelled.length)} of the different texts).`,
        near.map(({ unique, other }) =>
          exampleOf([unique.records[0]!, ...other.records.slice(0, 3)], `${labelsOf(unique).join(' / ')} | ${labelsOf(other).join(' / ')}`),
        ),
      ),
    );
  }
  return { exact: exact.length, near: near.length, findings };
}

const bySize = <T extends readonly unknown[]>(lists: readonly T[]): T[] => [...lists].sort((a, b) => b.length - a.length);

function beside(here: readonly AuditRecord[], other: Unique, name: string) {
  const there = inSplit(other, name);
  return exampleOf([here[0]!, ...there.slice(0, 3)], `like “${exampleOf(there).text}”`);
}
