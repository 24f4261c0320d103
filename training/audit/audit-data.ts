/** @file All checks of a data set, one after another. */
import { detectLanguage, type Language } from '../data/language/language.js';
import { type Duplicates, findDuplicates } from './duplicates.js';
import { type EntityFlips, entityFlips, type FlipOptions } from './entity-flips.js';
import { type EntityFinder, entitiesInTexts, entityFinder, withEntities } from './entity-names.js';
import { type EntityRates, entityRates } from './entity-rates.js';
import { type Finding, type Level, levels, sortFindings } from './findings.js';
import { type LabelRates, labelRates } from './label-rates.js';
import { learnableOf } from './learnable.js';
import { type AuditSplit, auditDataOf, type Task } from './records.js';
import { checkRowsAndLabels } from './rows-and-labels.js';
import { findShortcuts, type Shortcuts } from './shortcuts.js';
import { compareSplits, type SplitComparison, splitFindings } from './split-comparison.js';
import { type TextShape, textShape } from './text-shape.js';

type Part<T> = Omit<T, 'findings'>;

export type SplitSummary = {
  readonly name: string;
  readonly texts: number;
  readonly labelled: number;
  readonly pairs: number;
  readonly withTime: number;
  readonly withGroup: number;
  /** Rows that cannot be used. */
  readonly unusable: number;
};

/** What `copydesk audit --json` prints. Fields may be added to version 1; none is taken away or changes its meaning. */
export type Audit = {
  readonly schema: 'copydesk-audit/1';
  readonly task: Task;
  readonly labels: readonly string[];
  readonly language: Language | null;
  readonly splits: readonly SplitSummary[];
  readonly counts: Readonly<Record<Level, number>>;
  /** The worst first. */
  readonly findings: readonly Finding[];
  readonly duplicates: Part<Duplicates>;
  readonly labelRates: Part<LabelRates>;
  readonly entities: Part<EntityRates>;
  readonly shape: Part<TextShape>;
  readonly shortcuts: Part<Shortcuts>;
  /** A random split against one by time; `null` without times. */
  readonly temporal: SplitComparison | null;
  /** `null` without a model, or where no text of the last split holds a name. */
  readonly model: (Part<EntityFlips> & { readonly name: string; readonly labels: readonly string[] }) | null;
};

export type AuditOptions = {
  /** What the texts are in: finds names where the data give none. Default: by the letters of the first texts. */
  readonly language?: Language | undefined;
  /** Texts that names are looked for in at most, a sample of more; 0: none. Default 5000. */
  readonly namedTexts?: number | undefined;
  /** In place of the language's own. */
  readonly findEntities?: EntityFinder | undefined;
  readonly model?: (Omit<FlipOptions, 'seed'> & { readonly name: string }) | undefined;
  readonly seed?: number;
  /** What is being done, and how far it is. */
  readonly onProgress?: (what: string, done?: number, total?: number) => void;
};

/** Deterministic: the same splits and options give the same audit. */
export async function auditData(splits: readonly AuditSplit[], options: AuditOptions = {}): Promise<Audit> {
  const { model, seed = 1, onProgress = () => {}, namedTexts: limit = 5000 } = options;
  const data = auditDataOf(splits);
  const language = options.language ?? detectLanguage(data.records.slice(0, 1000).map(({ text }) => text));
  onProgress('duplicates');
  const duplicates = findDuplicates(data, { onProgress: (done, total) => onProgress('duplicates', done, total) });
  onProgress('labels, lengths, scripts');
  const [rowFindings, rates, shape] = [checkRowsAndLabels(data), labelRates(data), textShape(data)];
  const own = language && entityFinder(language, (done, total) => onProgress('names in the texts', done, total));
  const naming = { find: options.findEntities ?? own, limit, seed };
  const named = await withEntities(data, naming);
  const entities = entityRates(named.data, named.source);
  onProgress('shortcuts to the label');
  const shortcuts = await findShortcuts(data, learnableOf(data, seed), { mainScript: shape.mainScript, onProgress });
  if (data.records.some(({ time }) => time !== undefined)) onProgress('a random split against one by time');
  const temporal = await compareSplits(data, seed);
  const flips = model && (await flipsOf(model));
  async function flipsOf(given: NonNullable<AuditOptions['model']>): Promise<EntityFlips | undefined> {
    onProgress(`answers of ${given.name} with names masked and swapped`);
    return entityFlips(await entitiesInTexts(named, naming), { ...given, seed });
  }
  const parts = [duplicates, rates, shape, entities, shortcuts, flips ?? { findings: [] }];
  const findings = sortFindings([...rowFindings, ...parts.flatMap((part) => part.findings), ...splitFindings(temporal, data)]);
  return {
    schema: 'copydesk-audit/1',
    task: data.task,
    labels: data.labels,
    language: language ?? null,
    splits: data.splits.map(summaryOf),
    counts: countLevels(findings),
    findings,
    duplicates: withoutFindings(duplicates),
    labelRates: withoutFindings(rates),
    entities: withoutFindings(entities),
    shape: withoutFindings(shape),
    shortcuts: withoutFindings(shortcuts),
    temporal: temporal ?? null,
    model: model && flips ? { name: model.name, labels: model.labels, ...withoutFindings(flips) } : null,
  };
}

/** Whether there is a finding at the level or above. */
export function failsAt({ counts }: Pick<Audit, 'counts'>, level: Level): boolean {
  return levels.slice(levels.indexOf(level)).some((one) => counts[one] > 0);
}

function summaryOf({ name, records, problems }: AuditSplit): SplitSummary {
  return {
    name,
    texts: records.length,
    labelled: records.filter(({ labels }) => labels).length,
    pairs: records.filter(({ pair }) => pair !== undefined).length,
    withTime: records.filter(({ time }) => time !== undefined).length,
    withGroup: records.filter(({ group }) => group !== undefined).length,
    unusable: problems.length,
  };
}

function countLevels(findings: readonly Finding[]): Record<Level, number> {
  const count = (level: Level) => findings.filter((one) => one.level === level).length;
  return { info: count('info'), warning: count('warning'), error: count('error') };
}

function withoutFindings<T extends { readonly findings: readonly Finding[] }>({ findings: _, ...part }: T): Omit<T, 'findings'> {
  return part;
}
