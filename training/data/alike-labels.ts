/** @file Labels that are written in several ways. */
import { groupBy } from './group-by.js';

/** Those that differ in case, spaces, underscores and hyphens alone: each group of two or more. */
export function alikeLabels(labels: readonly string[]): readonly (readonly string[])[] {
  return [...groupBy(labels, plain).values()].filter((names) => names.length > 1);
}

const plain = (label: string): string =>
  label
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim();
