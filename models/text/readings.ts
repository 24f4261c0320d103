/** @file What is run for a text or a pair: as it is, or a pair in both orders, whose logits are averaged. One way for training's evaluation,
 *  server and browser. */
import type { TextRules } from '../bundle/manifest.js';
import type { TextInput } from './tokenizer.js';

export type Readings = {
  /** What is to be encoded and run. */
  readonly inputs: readonly TextInput[];
  /** For each of them, the index of the text that it is a reading of. */
  readonly of: readonly number[];
};

const orders: { readonly [P in TextRules['pairs']]: (input: TextInput) => readonly TextInput[] } = {
  'as-given': (input) => [input],
  'both-orders': (input) => (typeof input === 'string' ? [input] : [input, [input[1], input[0]]]),
};

export function readingsOf(inputs: readonly TextInput[], pairs: TextRules['pairs']): Readings {
  const readings = inputs.map(orders[pairs]);
  return { inputs: readings.flat(), of: readings.flatMap((list, index) => list.map(() => index)) };
}

/** The mean over the readings of each text: of (a, b) and (b, a) the same, to the last bit, as of (b, a) and (a, b).
 *  @param rows `[readings][labels]`
 *  @returns `[texts][labels]` */
export function averageReadings(rows: readonly Float32Array[], of: readonly number[]): Float32Array[] {
  const groups: Float32Array[][] = [];
  rows.forEach((row, i) => {
    const group = groups[of[i]!];
    if (group) group.push(row);
    else groups[of[i]!] = [row];
  });
  return groups.map(meanRow);
}

function meanRow(rows: readonly Float32Array[]): Float32Array {
  const [first] = rows as [Float32Array];
  return rows.length === 1 ? first : first.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
}

/** Whether any reading of each text was cut. */
export function anyReading(flags: readonly boolean[], of: readonly number[]): boolean[] {
  const texts: boolean[] = [];
  flags.forEach((flag, i) => {
    texts[of[i]!] = (texts[of[i]!] ?? false) || flag;
  });
  return texts;
}

export type InputProblem = { readonly kind: 'pair-missing' | 'pair-unexpected'; readonly what: string; readonly fix: string };

/** Why a model must not be asked this: it would answer, but to a question that it was never trained on. `undefined` where it may. */
export function inputProblem(input: TextInput, expected: TextRules['input']): InputProblem | undefined {
  return problems[expected][typeof input === 'string' ? 'single' : 'pair'];
}

const problems: { readonly [I in TextRules['input']]: { readonly [G in 'single' | 'pair']: InputProblem | undefined } } = {
  any: { single: undefined, pair: undefined },
  single: {
    single: undefined,
    pair: { kind: 'pair-unexpected', what: 'a pair was given to a model of single texts', fix: 'leave "pair" out' },
  },
  pair: {
    single: {
      kind: 'pair-missing',
      what: 'a single text was given to a model that reads two together',
      fix: 'give the second text as "pair"',
    },
    pair: undefined,
  },
};
