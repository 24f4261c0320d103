/** @file What is trained on: a text and what should be said of it. */

export type Example = {
  readonly text: string;
  readonly pair?: string;
  /** What the model should say, a number a label: 1 for the label and 0 for the others; with several labels a text 0 or 1 for each; in a
   *  regression the values themselves. */
  readonly target: readonly number[];
  /** The share of its annotators that gave each label, where that is to be learned. */
  readonly shares?: readonly number[];
  /** Names of persons, places and things that the text speaks of. */
  readonly entities?: readonly string[];
  /** Unix time in seconds. */
  readonly time?: number;
  /** Examples of one group (a source, a story, an author) stay on one side of a split. */
  readonly group?: string;
};

/** An example that nobody has labelled. */
export type Unlabelled = Omit<Example, 'target' | 'shares'>;

/** What the targets of a data set are, and so how logits become answers. */
export type Task = 'single-label' | 'multi-label' | 'regression';

/** The label of a single-label example, as an index. */
export const labelOf = ({ target }: Pick<Example, 'target'>): number => target.indexOf(Math.max(...target));

/** Texts, and how many of them have each label: what class weights are counted from. */
export const countLabels = (
  examples: readonly Pick<Example, 'target'>[],
  labels: number,
): { readonly texts: number; readonly labels: readonly number[] } => ({
  texts: examples.length,
  labels: Array.from({ length: labels }, (_, label) => examples.filter(({ target }) => target[label] === 1).length),
});
