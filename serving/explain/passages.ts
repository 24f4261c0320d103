/** @file Words taken together, where a text has more of them than can be weighed one by one. */
import type { Place } from './split-words.js';

/** Words of one text that follow one another; never empty. */
export type Passage = readonly Place[];

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/**
 * Sentences; the shortest neighbours become one where there are too many, the longest are halved where there are too few.
 *
 * @param words of `text`, in their order
 * @returns at most `most` passages, and as many as there are words for
 */
export function passagesOf(text: string, words: readonly Place[], most: number): readonly Passage[] {
  const passages = bySentence(text, words);
  while (passages.length > most) {
    const at = lowest(passages.slice(1).map((passage, i) => passages[i]!.length + passage.length));
    passages.splice(at, 2, [...passages[at]!, ...passages[at + 1]!]);
  }
  while (passages.length < Math.min(most, words.length)) {
    const at = lowest(passages.map(({ length }) => -length));
    passages.splice(at, 1, ...split(passages[at]!, 2));
  }
  return passages;
}

/** Into `parts` of like length, in their order. */
export function split(passage: Passage, parts: number): readonly Passage[] {
  const cuts = Array.from({ length: parts + 1 }, (_, i) => Math.round((i * passage.length) / parts));
  return cuts.slice(1).map((cut, i) => passage.slice(cuts[i], cut));
}

function bySentence(text: string, words: readonly Place[]): Passage[] {
  const passages: Place[][] = [];
  let next = 0;
  for (const { segment, index } of segmenter.segment(text.slice(0, words.at(-1)?.end ?? 0))) {
    const end = index + segment.length;
    const passage: Place[] = [];
    for (let word = words[next]; word && word.start < end; word = words[++next]) passage.push(word);
    if (passage.length > 0) passages.push(passage);
  }
  return passages;
}

/** Where the lowest value stands; of equals the first. */
function lowest(values: readonly number[]): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! < values[best]!) best = i;
  return best;
}
