import { expect, test } from 'vitest';
import { compare, interleaved, type Measured, machineLine, median, quantile, quartiles, sentenceOf } from './node.js';

test('the median of an even number of values is between the two in the middle, and order does not matter', () => {
  expect(median([9, 1, 4])).toBe(4);
  expect(median([8, 1, 2, 4])).toBe(3);
  expect(quartiles([5, 1, 2, 4, 3])).toEqual([2, 4]);
  expect(quantile([0, 10], 0.25)).toBe(2.5);
});

const measured: Measured = {
  case: 'a step',
  engine: 'onnx',
  peer: 'PyTorch',
  unit: 'ms',
  better: 'less',
  ours: [10, 11, 9, 10, 30],
  theirs: [20, 21, 19, 20, 20],
};

test('a ratio is above 1 where we are better, of times and of rates', () => {
  expect(compare(measured)).toEqual({
    case: 'a step',
    engine: 'onnx',
    peer: 'PyTorch',
    ours: 10,
    theirs: 20,
    unit: 'ms',
    ratio: 2,
    runs: 5,
    spread: { ours: [10, 11], theirs: [20, 20] },
  });
  expect(compare({ ...measured, better: 'more' }).ratio).toBe(0.5);
  expect(sentenceOf(compare(measured))).toBe('a step: onnx 10 ms (10 to 11), PyTorch 20 ms (20 to 20): ratio 2.00, 5 runs');
});

test('there is no ratio of fewer than five runs on either side, and the sentence says so', () => {
  for (const few of [
    { ...measured, ours: measured.ours.slice(1) },
    { ...measured, theirs: measured.theirs.slice(1) },
  ]) {
    expect(compare(few).ratio).toBeNull();
    expect(sentenceOf(compare(few))).toMatch(/no ratio: 4 runs, it takes 5$/);
  }
});

test('a quick run has no ratio, however many runs it is', () => {
  const quick = compare({ ...measured, quick: true });
  expect(quick.ratio).toBeNull();
  expect(sentenceOf(quick)).toMatch(/no ratio: a quick run$/);
});

test('where the peer is absent our side is told alone', () => {
  const alone = compare({ ...measured, theirs: [] });
  expect(alone).toMatchObject({ theirs: null, ratio: null, runs: 5, spread: { theirs: null } });
  expect(sentenceOf(alone)).toBe('a step: onnx 10 ms (10 to 11); PyTorch did not run');
});

test('sides take turns, and what they do to warm up is not counted', async () => {
  const order: string[] = [];
  const side = (name: string) => ({ name, run: async () => order.push(name) });
  const timed = await interleaved([side('a'), side('b')], { runs: 2, warmUp: 1, pauseMs: 0 });
  expect(order.join('')).toBe('ababab');
  expect(timed).toEqual([
    { name: 'a', values: [3, 5] },
    { name: 'b', values: [4, 6] },
  ]);
});

test('runs that lead in to a turn are not counted', async () => {
  let runs = 0;
  const timed = await interleaved([{ name: 'a', run: async () => ++runs }], { runs: 2, warmUp: 1, pauseMs: 0, leadIn: 2 });
  expect(timed).toEqual([{ name: 'a', values: [6, 9] }]);
});

test('the machine is told with its cores, its memory and the versions', () => {
  expect(machineLine()).toMatch(/, \d+ cores, \d+ GiB; Node \d+\.\d+\.\d+, onnxruntime-node \d+\.\d+\.\d+/);
});
