/** @file What is decided about a text whose scores and words are known. Pure. */
import { type Decision, decideByThresholds, type Policy, type Rule, type Ruling } from '../../models/index.js';
import type { WordHit, WordHits } from './word-lists.js';

/**
 * The severest decision that a word or a threshold asks for; where both ask for the same, the word is named. A word that allows has already
 * taken away the words inside it; against the model it stands only where its list says so.
 *
 * @param scores by label; of a regression its values
 */
export function decide(thresholds: Policy['labels'], scores: Readonly<Record<string, number>>, hits: WordHits): Ruling {
  const byModel = overruled(decideByThresholds(thresholds, scores), hits.allow);
  if (hits.block) return byWord('block', hits.block);
  if (byModel.decision === 'block' || !hits.review) return byModel;
  return byWord('review', hits.review);
}

const byWord = (decision: Decision, { list, word }: WordHit): Ruling => ({
  decision,
  threshold: null,
  decidedBy: null,
  rule: { kind: 'word', list: list.name, word },
});

function overruled(ruling: Ruling, allow: WordHit | undefined): Ruling {
  const { rule, decision } = ruling;
  if (!allow || rule.kind !== 'threshold' || !against[allow.list.overrides].includes(decision)) return ruling;
  const { label, threshold } = rule;
  return {
    decision: 'publish',
    threshold: null,
    decidedBy: null,
    rule: { kind: 'allowed', list: allow.list.name, word: allow.word, label, threshold },
  };
}

const against: { readonly [O in WordHit['list']['overrides']]: readonly Decision[] } = {
  words: [],
  review: ['review'],
  block: ['review', 'block'],
};

/** A rule as one line, for counting and for tables: the list or the label that decided, never a word of a text. */
const names: { readonly [K in Rule['kind']]: (rule: Extract<Rule, { kind: K }>) => string } = {
  none: () => '',
  threshold: ({ label }) => label,
  word: ({ list }) => list,
  allowed: ({ list }) => list,
};

export function ruleName(rule: Rule): string {
  return (names[rule.kind] as (rule: Rule) => string)(rule);
}
