/** @file Words weighed by the gradient of the model: what each adds on the way from a text of nothing but padding to the text itself. */
import { type Encoding, type PathPoint, readingsOf, type TextInput, type TextRules, type Tokenizer } from '../../models/index.js';
import type { Explanation, Span } from '../protocol/index.js';
import type { Explainer, Question } from './explainer.js';
import { strengthOf } from './log-odds.js';
import { type PathAnswer, pathIntegral } from './path-integral.js';
import { inOrder, round } from './spans.js';
import { tokenWords } from './token-words.js';

export type IntegratedGradientsParts = {
  /** Of each point `[1 + tokens]`: the strength of the label there, and what each token adds to it. */
  readonly ask: (points: readonly PathPoint[]) => Promise<readonly ArrayLike<number>[]>;
  readonly tokenizer: Pick<Tokenizer, 'encode' | 'padId'>;
  readonly text: Pick<TextRules, 'maxTokens' | 'pairs'>;
  /** Points of the way that may be asked for one explanation, of all readings together. */
  readonly points: number;
  /** Explains what cannot be explained so: texts whose tokens do not tell their words, and too few points. */
  readonly otherwise: Explainer;
};

/** Steps of the way to begin with. */
const firstSteps = 8;

/** A point is a pass through the model forwards and another backwards: it costs two to three texts. */
export const pointsFor = (calls: number): number => Math.floor(calls / 3);

/** Integrated gradients (Sundararajan et al. 2017). The weights add up to `whole - empty`, but for what the steps miss. */
export function createIntegratedGradients({ ask, tokenizer, text, points, otherwise }: IntegratedGradientsParts): Explainer {
  return async (question) => {
    const { input, rules, label, logits } = question;
    const inputs = readingsOf([input], text.pairs).inputs;
    const most = Math.floor(points / inputs.length);
    if (most <= firstSteps || (inputs.length > 1 && !isLinear(rules))) return otherwise(question);
    const encodings = await tokenizer.encode(inputs, text.maxTokens);
    const words = await wordsOf(inputs, encodings, tokenizer);
    if (!words) return otherwise(question);

    const whole = round(strengthOf(rules, label)(logits));
    const unit: Explanation['unit'] = rules.activation === 'none' ? 'value' : 'log-odds';
    const answer = { method: 'integrated-gradients', label, unit, whole } as const;
    if (words.length === 0) return { ...answer, empty: whole, spans: [] };
    const baselines = encodings.map((encoding) => baselineOf(encoding, tokenizer.padId));
    const pointsAt = (progress: number): readonly PathPoint[] =>
      encodings.map((encoding, i) => ({ encoding, baseline: baselines[i]!, progress, label: rules.labels.indexOf(label) }));
    const { attributions, empty } = await pathIntegral(
      async (progress) => {
        const rows = await ask(progress.flatMap(pointsAt));
        return progress.map((_, i) => together(rows.slice(i * encodings.length, (i + 1) * encodings.length), encodings));
      },
      { first: firstSteps, most },
    );
    return { ...answer, empty: round(empty), spans: spansOf(words, attributions) };
  };
}

/** Whether the mean of what several logits say is what their mean says. */
const isLinear = ({ activation, labels }: Question['rules']): boolean => activation !== 'softmax' || labels.length === 2;

/** Special tokens stay; where the text stands, there is padding, but read as words are. */
function baselineOf({ ids, places = [] }: Encoding, padId: number): readonly number[] {
  return ids.map((id, i) => (places.some(({ start, end }) => i >= start && i < end) ? padId : id));
}

/** A word, and its tokens: from `from` up to `to`, of all readings one after the other. */
type Weighable = Omit<Span, 'weight'> & { readonly from: number; readonly to: number };

/** Of every reading; a pair that is read in both orders has each word twice. `undefined` where tokens do not tell their words. */
async function wordsOf(
  inputs: readonly TextInput[],
  encodings: readonly Encoding[],
  tokenizer: Pick<Tokenizer, 'encode'>,
): Promise<readonly Weighable[] | undefined> {
  const weighable: Weighable[] = [];
  let before = 0;
  for (const [reading, { ids, places, truncated }] of encodings.entries()) {
    for (const [i, text] of [inputs[reading]!].flat().entries()) {
      const place = places?.[i];
      const words = place && (await tokenWords(text, ids.slice(place.start, place.end), { tokenizer, whole: !truncated }));
      if (!words) return undefined;
      const of = reading === i ? 'text' : 'pair'; // the second reading begins with the pair
      let from = before + place.start;
      for (const { tokens, ...word } of words) {
        weighable.push({ of, ...word, from, to: from + tokens });
        from += tokens;
      }
    }
    before += ids.length;
  }
  return weighable;
}

/** The mean over the readings: the tokens of one after those of the other, each with its share. A row may go on with padding. */
function together(rows: readonly ArrayLike<number>[], encodings: readonly Encoding[]): PathAnswer {
  const share = 1 / rows.length;
  const scaled = rows.map((row, i) => Array.from({ length: 1 + encodings[i]!.ids.length }, (_, at) => share * row[at]!));
  return { strength: scaled.reduce((sum, [first]) => sum + first!, 0), attributions: scaled.flatMap(([_, ...own]) => own) };
}

function spansOf(words: readonly Weighable[], attributions: readonly number[]): readonly Span[] {
  const spans = new Map<string, Span>();
  for (const { from, to, ...word } of words) {
    const key = `${word.of} ${word.start}`;
    const weight = attributions.slice(from, to).reduce((sum, one) => sum + one, spans.get(key)?.weight ?? 0);
    spans.set(key, { ...word, weight });
  }
  return [...spans.values()].map((span) => ({ ...span, weight: round(span.weight) })).sort(inOrder);
}
