/** @file Whether there is something to learn and to measure: rows that cannot be used, labels that are missing, rare, or written in two ways. */
import { alikeLabels } from '../data/alike-labels.js';
import { groupBy } from '../data/group-by.js';
import { counted, exampleOf, type Finding, finding, shareOf } from './findings.js';
import type { AuditData, AuditSplit } from './records.js';

const fewTexts = 10;

export function checkRowsAndLabels(data: AuditData): Finding[] {
  return [...data.splits.flatMap(unusable), ...unlabelled(data), ...(data.task === 'unlabelled' ? [] : labels(data))];
}

function unusable({ name, records, problems }: AuditSplit): Finding[] {
  const empty = records.length === 0 ? [finding('empty-split', 'error', 0, `${name} has no text.`)] : [];
  if (problems.length === 0) return empty;
  const kinds = [...groupBy(problems, ({ what }) => what)].map(([what, rows]) => `${what} (${rows.length})`).join(', ');
  const message = `${counted(problems.length, 'row')} of ${name} cannot be used: ${kinds}.`;
  const examples = problems.slice(0, 5).map(({ line, what }) => ({ text: what, where: [`${name}:${line}`] }));
  return [...empty, finding('unusable-rows', 'error', problems.length, message, examples)];
}

function unlabelled({ task, splits, records }: AuditData): Finding[] {
  if (task === 'unlabelled')
    return records.length === 0
      ? []
      : [finding('unlabelled', 'info', records.length, `None of the ${counted(records.length, 'text')} has a label.`)];
  return splits.flatMap(({ name, records: own }) => {
    const without = own.filter((record) => !record.labels);
    if (without.length === 0) return [];
    const message = `${counted(without.length, 'text')} of ${name} (of ${own.length}; ${shareOf(without.length, own.length)}) ${without.length === 1 ? 'has' : 'have'} no label.`;
    return [finding('labels-missing', without.length === own.length ? 'warning' : 'error', without.length, message, without.slice(0, 5).map((record) => exampleOf([record])))]; // biome-ignore format: short
  });
}

function labels({ task, splits, labels: all }: AuditData): Finding[] {
  const [first, ...later] = splits.filter(({ records }) => records.some((record) => record.labels));
  const counts = countLabels(first!);
  const findings: Finding[] = [];
  if (all.length === 1 && task === 'single-label')
    findings.push(finding('one-class', 'error', first!.records.length, `Every text has the label “${all[0]}”.`));
  const rare = all.filter((label) => (counts.get(label) ?? 0) > 0 && counts.get(label)! < fewTexts);
  if (rare.length > 0) {
    const list = rare.map((label) => `“${label}” ${counts.get(label)}`).join(', ');
    findings.push(finding('label-rare', 'warning', rare.length, `${counted(rare.length, 'label')} of ${first!.name} with fewer than ${fewTexts} texts: ${list}.`)); // biome-ignore format: short
  }
  for (const split of later) {
    const present = countLabels(split);
    const unseen = [...present.keys()].filter((label) => !counts.has(label));
    if (unseen.length > 0) {
      const texts = split.records.filter((record) => record.labels?.some((label) => unseen.includes(label)));
      const message = `${counted(texts.length, 'text')} of ${split.name} with a label that ${first!.name} does not have: ${quoted(unseen)}.`;
      findings.push(finding('label-unseen', 'error', texts.length, message, texts.slice(0, 5).map((record) => exampleOf([record], record.labels!.join(', '))))); // biome-ignore format: short
    }
    const absent = [...counts.keys()].filter((label) => !present.has(label));
    if (absent.length > 0)
      findings.push(finding('label-absent', 'warning', absent.length, `${split.name} has no text of ${quoted(absent)}.`));
  }
  const alike = alikeLabels(all);
  if (alike.length > 0) {
    const message = `${counted(alike.length, 'label')} ${alike.length === 1 ? 'is' : 'are'} written in several ways: ${alike.map(quoted).join('; ')}.`;
    findings.push(finding('labels-alike', 'warning', alike.length, message));
  }
  return findings;
}

function countLabels({ records }: AuditSplit): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { labels: own } of records) for (const label of own ?? []) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

const quoted = (names: readonly string[]): string => names.slice(0, 12).map((name) => `“${name}”`).join(', ') + (names.length > 12 ? ', …' : ''); // biome-ignore format: short
