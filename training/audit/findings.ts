/** @file What an audit can find: a closed set of kinds, each with what to do about it. */
import { type AuditRecord, placeOf } from './records.js';

export const levels = ['info', 'warning', 'error'] as const;
export type Level = (typeof levels)[number];

/** What to do. The keys are all kinds there are. */
const advice = {
  'empty-split': 'Give the split rows, or leave it out.',
  'unusable-rows': 'Correct or remove these rows: training refuses the file.',
  unlabelled: 'Nothing about labels was checked. Training needs labels; as texts without labels the set can serve for pre-training.',
  'labels-missing': 'Label these rows or move them to a file of unlabelled texts: training refuses the file.',
  'one-class': 'Add texts of at least one other label; a classifier learns differences.',
  'label-rare': 'Add texts of this label, or merge it with another: so few are neither learned nor measured.',
  'label-unseen': 'Move some of these texts into the first split, or correct the label: what was never seen cannot be answered.',
  'label-absent': 'Move some texts of this label into the split: without them nothing is measured for it.',
  'labels-alike': 'Write the label in one way.',
  'duplicates-within-split': 'Keep one of each, or be aware that repeated texts count several times.',
  'duplicates-across-splits': 'Remove them from the later split; figures on it flatter the model.',
  'near-duplicates-within-split': 'Keep one of each group, and split by group so that none is torn apart.',
  'near-duplicates-across-splits':
    'Keep each group of near-duplicates on one side of the split; figures on the later split flatter the model.',
  'contradictory-labels': 'Look at these texts and decide; where both labels are right, the task needs several labels a text.',
  'contradictory-near-duplicates': 'Look at these texts: unless the small difference decides, one of the labels is wrong.',
  'label-shift': 'Split again, label by label, unless the splits differ on purpose (by time, by source).',
  'label-drift': 'Split by time, watch the rates after release, and train again when they move.',
  'entity-bias':
    'A model may learn the name instead of the claim: train with entity debiasing, mask entities in a part of the texts, or add texts of the other label about them.',
  'entity-drift': 'What these names stood for has changed: prefer recent texts, split by time, and train with entity debiasing.',
  'group-predicts-label':
    'Split by group, so that a model is measured on sources that it has not seen; add texts of the other labels from each source.',
  'groups-across-splits': 'If texts will come from new sources, split by group.',
  'token-predicts-label': 'If the word is how the set was collected and not what the label means, take it out of the texts or balance it.',
  'feature-predicts-label':
    'Write texts of all labels in one way (case, punctuation, links, length), or a model will be judged by their form.',
  'random-split-flatters': 'Choose and report on a split by time: that is what a released model meets.',
  'time-overlap': 'If the model is to judge later texts, let the later split be later.',
  'almost-empty': 'Remove texts without words, or label them by a rule.',
  'very-long': 'A model reads the first part only: check where it is cut, or split the texts.',
  'other-script': 'Take them out, or make sure that both splits and all labels have them.',
  'encoding-damage': 'Read the source again with its own encoding (most often UTF-8 read as Windows-1252).',
  markup: 'Decode HTML entities and remove tags, in training and wherever the model is asked.',
  'entity-flips': 'The model answers by name: train with entity debiasing, and report figures with entities masked beside the plain ones.',
} as const satisfies Readonly<Record<string, string>>;

export type FindingKind = keyof typeof advice;
export const findingKinds = Object.keys(advice) as readonly FindingKind[];

export type FindingExample = {
  /** At most 120 characters. */
  readonly text: string;
  /** `split:line` of the texts concerned, up to six. */
  readonly where: readonly string[];
  /** What is to be seen: its labels, a score, a count. */
  readonly note?: string;
};

export type Finding = {
  readonly kind: FindingKind;
  readonly level: Level;
  /** Texts (or what the message counts) concerned. */
  readonly count: number;
  /** A whole sentence, with counts. */
  readonly message: string;
  readonly examples: readonly FindingExample[];
  /** What to do. */
  readonly advice: string;
};

export function finding(
  kind: FindingKind,
  level: Level,
  count: number,
  message: string,
  examples: readonly FindingExample[] = [],
): Finding {
  return { kind, level, count, message, examples: examples.slice(0, mostExamples), advice: advice[kind] };
}

export function exampleOf(records: readonly AuditRecord[], note?: string): FindingExample {
  const { text, pair } = records[0]!;
  const where = records.slice(0, 6).map(placeOf);
  return { text: cut(pair === undefined ? text : `${text} | ${pair}`), where, ...(note === undefined ? {} : { note }) };
}

/** The worst first; within a level in the order of the kinds. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) => levels.indexOf(b.level) - levels.indexOf(a.level) || findingKinds.indexOf(a.kind) - findingKinds.indexOf(b.kind),
  );
}

/** `error` from the first share on, `warning` from the second, else `info`. */
export function levelByShare(share: number, { error = Infinity, warning }: { readonly error?: number; readonly warning: number }): Level {
  return share >= error ? 'error' : share >= warning ? 'warning' : 'info';
}

/** `1 text`, `3 texts`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? noun : plural}`;
}

/** A share for a sentence: `2.4 %`. */
export function shareOf(count: number, total: number): string {
  const share = total === 0 ? 0 : (100 * count) / total;
  if (share > 0 && share < 0.01) return 'under 0.01 %';
  return `${share > 0 && share < 0.1 ? share.toFixed(2) : share.toFixed(1)} %`;
}

const mostExamples = 5;
const longestExample = 120;

/** At most `longestExample` characters, none torn in two. */
function cut(text: string): string {
  const plain = text.replace(/\s+/gu, ' ').trim();
  if (plain.length <= longestExample) return plain;
  return `${plain.slice(0, longestExample - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
