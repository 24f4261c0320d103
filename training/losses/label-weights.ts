/** @file One number a label, given or counted. */
import { z } from 'zod';

/** As a config gives them. */
export const labelWeights = z.union([z.array(z.number().positive()).min(1), z.literal('balanced')]);
export type LabelWeights = z.infer<typeof labelWeights>;

/** How many texts of train there are, and how many have each label. */
export type LabelCounts = { readonly texts: number; readonly labels: readonly number[] };

/** Weights under which every label counts the same in total, and a text 1 on average: texts / (labels · count). A label without texts: 1. */
export const balancedClasses = ({ texts, labels }: LabelCounts): readonly number[] =>
  labels.map((count) => (count === 0 ? 1 : texts / (labels.length * count)));

/** Weights under which a label's texts count as much as all without it: (texts - count) / count. A label without texts, or with all: 1. */
export const balancedPositives = ({ texts, labels }: LabelCounts): readonly number[] =>
  labels.map((count) => (count === 0 || count === texts ? 1 : (texts - count) / count));
