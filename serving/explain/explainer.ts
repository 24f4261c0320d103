/** @file What every way to explain has in common: a verdict is given, and each word gets its weight. */
import type { TextInput, Verdict, VerdictRules } from '../../models/index.js';
import type { Explanation } from '../protocol/index.js';

/** Texts that a model is asked for one explanation, unless told otherwise: enough to weigh each word of 127. */
export const usualCalls = 128;

export type Question = {
  readonly input: TextInput;
  readonly rules: Pick<VerdictRules, 'labels' | 'activation' | 'temperature'>;
  /** The label whose score is explained; one of the rules'. */
  readonly label: string;
  /** What the model gave for the input, `[labels]`: it is not asked again. */
  readonly logits: ArrayLike<number>;
  /** Whether its end was not read. */
  readonly truncated: boolean;
};

/** The same question has the same answer, up to the rounding of the model. Rejects with whatever its model rejects with. */
export type Explainer = (question: Question) => Promise<Explanation>;

/** What an editor asks about when they ask why: the label that held the text, else the predicted one; of a regression its first value. */
export function labelToExplain(verdict: Verdict, asked?: string): string {
  if (asked !== undefined) return asked;
  const predicted = 'values' in verdict ? Object.keys(verdict.values)[0]! : verdict.label;
  return verdict.decidedBy ?? predicted;
}
