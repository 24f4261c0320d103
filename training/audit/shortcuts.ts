/** @file Leakage: labels that can be told without reading, by one word or by how a text looks. */
import { counted, exampleOf, type Finding, finding, type Level } from './findings.js';
import { type Learnable, truthOf } from './learnable.js';
import { fitRule, measureMajority, measureRule, type Rule, type Score } from './one-rule.js';
import type { AuditData, AuditRecord } from './records.js';
import { type Feature, surfaceFeatures } from './surface-features.js';
import { associatedTokens, countTokens, placedTokens, sayToken, strongestTokens, type TokenAssociation } from './token-counts.js';
import { measureWords } from './word-counts.js';

export type OneRule = Score & {
  readonly feature: string;
  readonly unit: Feature['unit'] | 'token';
  readonly threshold: number;
  /** The answer up to the threshold, and beyond it. */
  readonly below: string;
  readonly above: string;
  /** Of its answers being chance; not corrected for the number of rules. */
  readonly p: number;
  /** What part of the way from "always the most frequent label" to TF-IDF the rule goes, by macro F1 or accuracy, whichever is more. */
  readonly ofTheWay: number | null;
};

export type Shortcuts = {
  /** What the figures are measured on. `null`: too few texts, several labels a text, or none. */
  readonly measuredOn: string | null;
  readonly majority: (Score & { readonly label: string }) | null;
  readonly tfIdf: (Score & { readonly trainedOn: number }) | null;
  /** The best first, at most ten. */
  readonly rules: readonly OneRule[];
  /** Tokens with a precision of .95 or more in 1 % of the texts or more, at most 50. */
  readonly tokens: readonly TokenAssociation[];
  readonly findings: readonly Finding[];
};

export type ShortcutOptions = { readonly mainScript: string; readonly onProgress?: (what: string) => void };

const support = 0.01;
/** For one of some seventy rules. */
const chance = 1e-4;

export async function findShortcuts(
  { records, labels }: AuditData,
  learnable: Learnable | undefined,
  { mainScript, onProgress }: ShortcutOptions,
): Promise<Shortcuts> {
  const labelled = records.filter((record) => record.labels);
  if (labels.length < 2) return { measuredOn: null, majority: null, tfIdf: null, rules: [], tokens: [], findings: [] };
  const counts = countTokens(labelled, labels, support);
  const tokens = associatedTokens(counts, labels, { precision: 0.95, chance: 0.01 });
  const tokenFinding = findingOfTokens(tokens, labelled);
  if (!learnable) return { measuredOn: null, majority: null, tfIdf: null, rules: [], tokens: tokens.slice(0, 50), findings: tokenFinding };

  const { train, held } = learnable;
  const [known, truth] = [truthOf(train, labels), truthOf(held, labels)];
  const majority = measureMajority(known, truth, labels.length);
  onProgress?.('word counts with a linear classifier, as a yardstick');
  const tfIdf = await measureWords(train, held, labels);
  onProgress?.('rules of one question');
  const rules = [
    ...surfaceFeatures(labelled, mainScript).flatMap(({ name, unit, of }) => bestRule({ name, unit }, train.map(of), held.map(of))), // biome-ignore format: short
    ...tokenRules(strongestTokens(counts, 40), train, held),
  ].sort((a, b) => b.macroF1 - a.macroF1 || (a.feature < b.feature ? -1 : 1));

  function bestRule(
    { name, unit }: { name: string; unit: OneRule['unit'] },
    values: readonly number[],
    heldValues: readonly number[],
  ): OneRule[] {
    const rule: Rule | undefined = fitRule(values, known, labels.length);
    if (!rule || rule.below === rule.above) return [];
    const score = measureRule(rule, heldValues, truth, labels.length);
    return [{ feature: name, unit, threshold: rule.threshold, below: labels[rule.below]!, above: labels[rule.above]!, ...score, ofTheWay: wayOf(score, majority, tfIdf) }]; // biome-ignore format: short
  }
  function tokenRules(candidates: readonly string[], ...sides: readonly [readonly AuditRecord[], readonly AuditRecord[]]): OneRule[] {
    const [inTrain, inHeld] = sides.map((side) => side.map(placedTokens));
    const presence = (side: readonly ReadonlySet<string>[], token: string) => side.map((own) => (own.has(token) ? 1 : 0));
    return candidates.flatMap((token) => bestRule({ name: token, unit: 'token' }, presence(inTrain!, token), presence(inHeld!, token)));
  }

  return {
    measuredOn: learnable.heldName,
    majority: { macroF1: majority.macroF1, accuracy: majority.accuracy, label: labels[majority.label]! },
    tfIdf,
    rules: rules.slice(0, 10),
    tokens: tokens.slice(0, 50),
    findings: [...findingOfRules(rules, majority, tfIdf, learnable), ...tokenFinding],
  };
}

/** How a rule is said: `“offer” if has a link, else “news”`. */
export function sayRule({ feature, unit, threshold, below, above }: OneRule): string {
  const number = threshold.toFixed(unit === 'share' ? 3 : 1);
  const condition = {
    token: `“${sayToken(feature)}” is there`,
    flag: `it ${feature}`,
    share: `${feature}: above ${number}`,
    count: `${feature}: above ${number}`,
    time: `it was written after ${new Date(threshold * 1000).toISOString().slice(0, 10)}`,
  }[unit];
  return `“${above}” if ${condition}, else “${below}”`;
}

function wayOf(score: Score, majority: Score, tfIdf: Score): number | null {
  const ways = (['macroF1', 'accuracy'] as const).flatMap((metric) => {
    const gap = tfIdf[metric] - majority[metric];
    return gap < 0.05 ? [] : [(score[metric] - majority[metric]) / gap];
  });
  return ways.length === 0 ? null : Math.max(...ways);
}

/** A rule counts when it is worth something by itself: either nearly right, or most of what word counts are worth. */
function levelOf({ macroF1, accuracy, ofTheWay, p }: OneRule, majority: Score): Level | undefined {
  const gained = accuracy - majority.accuracy >= 0.05 || macroF1 - majority.macroF1 >= 0.25;
  if (!gained || ofTheWay === null || p > chance) return undefined;
  if (macroF1 >= 0.9 || (ofTheWay >= 0.9 && macroF1 >= 0.7)) return 'error';
  return ofTheWay >= 0.6 ? 'warning' : undefined;
}

function findingOfRules(rules: readonly OneRule[], majority: Score, tfIdf: Score, { held, heldName }: Learnable): Finding[] {
  const telling = rules.flatMap((rule) => {
    const level = levelOf(rule, majority);
    return level ? [{ rule, level }] : [];
  });
  const [best] = telling;
  if (!best) return [];
  const { rule } = best;
  const level = telling.some((one) => one.level === 'error') ? 'error' : 'warning';
  const others = telling.length > 1 ? ` ${counted(telling.length - 1, 'other feature')} ${telling.length === 2 ? 'does' : 'do'} nearly as well.` : ''; // biome-ignore format: short
  const message = `One question gives macro F1 ${rule.macroF1.toFixed(3)} and accuracy ${rule.accuracy.toFixed(3)} on ${heldName} (${held.length} texts): ${sayRule(rule)}. Word counts with a linear classifier give ${tfIdf.macroF1.toFixed(3)} and ${tfIdf.accuracy.toFixed(3)}, always the most frequent label ${majority.macroF1.toFixed(3)} and ${majority.accuracy.toFixed(3)}.${others}`;
  const examples = telling
    .slice(0, 5)
    .map((one) => ({ text: sayRule(one.rule), where: [], note: `macro F1 ${one.rule.macroF1.toFixed(3)}` }));
  return [finding('feature-predicts-label', level, telling.length, message, examples)];
}

/** Many words with a label of their own are what a topic is; one word that most texts of a label have is not. */
function findingOfTokens(tokens: readonly TokenAssociation[], records: readonly AuditRecord[]): Finding[] {
  if (tokens.length === 0) return [];
  const widest = tokens.reduce((a, b) => (b.recall > a.recall ? b : a));
  const level = widest.recall >= 0.5 ? 'error' : widest.recall >= 0.1 ? 'warning' : 'info';
  const message = `${counted(tokens.length, 'token')} in 1 % of the texts or more ${tokens.length === 1 ? 'has' : 'have'} one label 95 times in 100 or more; the widest, “${sayToken(widest.token)}”, is in ${(widest.recall * 100).toFixed(1)} % of the texts with “${widest.label}”.`;
  const shown = [...tokens].sort((a, b) => b.recall - a.recall).slice(0, 5);
  const examples = shown.map(({ token, label, count, texts }) => {
    const own = records.find((record) => placedTokens(record).has(token))!;
    return exampleOf([own], `“${sayToken(token)}”: ${count} of ${texts} are “${label}”`);
  });
  return [finding('token-predicts-label', level, tokens.length, message, examples)];
}
