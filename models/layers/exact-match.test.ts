import { expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder.js';
import { evaluate } from '../graph/evaluate.js';
import { exactMatch } from './exact-match.js';

const g = new GraphBuilder();
const inputs = {
  ids: g.input('ids', ['batch', 'tokens'], 'int64'),
  mask: g.input('mask', ['batch', 'tokens'], 'int64'),
  types: g.input('types', ['batch', 'tokens'], 'int64'),
};
const y = exactMatch(g, inputs);

/** @param pairs first and second text of each row, in token ids */
function matches(...pairs: readonly (readonly [first: readonly number[], second: readonly number[]])[]): readonly (readonly number[])[] {
  const tokens = Math.max(...pairs.map((pair) => pair.flat().length));
  const padded = (row: readonly number[], padding: number) => [...row, ...Array<number>(tokens - row.length).fill(padding)];
  const feed = (of: (pair: (typeof pairs)[number]) => readonly number[]) => ({
    dims: [pairs.length, tokens],
    data: Float64Array.from(pairs.flatMap(of)),
  });
  const feeds = {
    ids: feed((pair) => padded(pair.flat(), 5)), // as if padding were a word
    mask: feed((pair) => padded(pair.flat().map(() => 1), 0)), // biome-ignore format: one a line
    types: feed(([first, second]) => padded([...first.map(() => 0), ...second.map(() => 1)], 0)),
  };
  const { data } = evaluate(g.graph([y]), new Map(Object.entries(feeds))).get(y.name)!;
  return pairs.map((pair, row) => [...data.slice(row * tokens, row * tokens + pair.flat().length)]);
}

test('tokens that both texts have, with how many of their neighbours', () => {
  expect(y).toMatchObject({ shape: ['batch', 'tokens'], type: 'int64' });
  expect(matches([[5, 6, 7, 8], [9, 6, 7, 8, 4]])).toEqual([[0, 2, 3, 2, 0, 2, 3, 2, 0]]); // biome-ignore format: side by side
  expect(matches([[5, 6], [6, 5]])).toEqual([[1, 1, 1, 1]]); // biome-ignore format: the other order
});

test('not what a text repeats of its own, nor padding, whatever stands beside it in the batch', () => {
  const single = [[5, 5, 6, 6], []] as const;
  const pair = [[5, 6], [7, 8, 9, 9, 9]] as const; // biome-ignore format: side by side
  expect(matches(single, pair)).toEqual([
    [0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0],
  ]);
});

test('the most of all the places where the other text has it', () => {
  expect(matches([[6, 7], [6, 9, 6, 7]])).toEqual([[2, 2, 1, 0, 2, 2]]); // biome-ignore format: side by side
});
