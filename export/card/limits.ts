/** @file What a model is for, and what it must not be taken for. */
import type { Manifest } from '../../models/index.js';

type Carded = Omit<Manifest, 'files'>;

export function intendedUse({ activation, labels }: Carded): string {
  const what = activation === 'none' ? `values for ${labels.join(', ')}` : `the labels ${labels.join(', ')}`;
  return `To help a desk decide which texts may be published at once and which a person should see first, by ${what}. It is not made to decide alone about a person's rights, work or account, and its answer is no evidence of what is true or who wrote a text.`;
}

export function limits({ text, data, metrics, origin, activation, policy }: Carded): string {
  const lines = [
    'It knows texts like those that it was trained on: of other languages, times, topics and sources its figures say nothing.',
    `It reads at most ${text.maxTokens} tokens of a text; what is longer is cut, and the answer says so.`,
    ...(text.input === 'single' ? ['It reads single texts, without what they answer to or were published with.'] : []),
    ...(text.pairs === 'both-orders'
      ? ['A pair is read in both orders, and the logits are averaged: which text comes first does not matter.']
      : []),
    ...(origin ? [`It was trained elsewhere, as a ${origin.modelType}: on what, and how, is for those who trained it to say.`] : []),
    ...(Object.keys(metrics).length === 0 && activation !== 'none'
      ? ['Its scores were not calibrated: a score of .8 need not be right eight times in ten.']
      : []),
    ...(Object.keys(metrics).length === 1 && metrics.val
      ? ['Its figures are of the texts that temperature and thresholds were fitted on, and flatter it a little.']
      : []),
    ...(data.transductive
      ? [
          `${data.transductive.count} texts of val and test stood, without labels, among what it was trained on: figures on them flatter it.`,
        ]
      : []),
    ...rare(metrics.val),
    ...(Object.values(policy.labels).some(({ block }) => block === null)
      ? ['A label that blocks “never” could not be trusted so far on val: it only asks for a review.']
      : []),
  ];
  return lines.map((line) => `- ${line}`).join('\n');
}

/** Texts of a label below which its figures are mostly luck. */
const fewTexts = 50;

function rare(val: Manifest['metrics'][string] | undefined): readonly string[] {
  const { perClass = {} } = (val ?? {}) as { readonly perClass?: Readonly<Record<string, { readonly support: number }>> };
  const few = Object.entries(perClass).flatMap(([label, { support }]) => (support < fewTexts ? [`${label} (${support})`] : []));
  return few.length === 0
    ? []
    : [`Few texts of val have these labels, so that their figures and thresholds are uncertain: ${few.join(', ')}.`];
}
