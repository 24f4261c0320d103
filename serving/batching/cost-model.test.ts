import { expect, test } from 'vitest';
import { createCostModel } from './cost-model.js';

const limits = { texts: 32, tokens: 2_048, overheadTokens: 10 };

test('before anything was measured everything is thought to be free', () => {
  const model = createCostModel(limits);
  expect([model.batchMs(1_000), model.atMostMs(1_000), model.backlogMs({ texts: 100, tokens: 2_000 })]).toEqual([0, 0, 0]);
});

test('the start of a batch and its tokens are told apart once sizes differ', () => {
  const model = createCostModel(limits);
  for (let i = 0; i < 100; i++) model.observe(20 + (i % 10) * 40, 20 + (i % 10) * 40, 5 + 0.2 * (20 + (i % 10) * 40));
  expect(model.batchMs(0)).toBeCloseTo(5, 6);
  expect(model.batchMs(1_000)).toBeCloseTo(205, 6);
});

test('from batches of one size alone, the start of a batch costs what the limits say', () => {
  const model = createCostModel(limits);
  for (let i = 0; i < 10; i++) model.observe(90, 90, 10);
  expect(model.batchMs(90)).toBeCloseTo(10, 6);
  expect(model.batchMs(190)).toBeCloseTo(20, 6);
});

test('a machine that becomes slower is learnt within some thirty batches; one hiccup is not believed', () => {
  const model = createCostModel(limits);
  const observe = (ms: number, times: number): void => {
    for (let i = 0; i < times; i++) model.observe(90 + (i % 3), 90 + (i % 3), ms);
  };
  observe(10, 50);
  observe(10_000, 1);
  expect(model.batchMs(90)).toBeLessThan(12);
  observe(10, 50);
  observe(20, 100);
  expect(model.batchMs(90)).toBeGreaterThan(19);
});

test('the scatter of what was measured widens the promise', () => {
  const steady = createCostModel(limits);
  const erratic = createCostModel(limits);
  for (let i = 0; i < 100; i++) {
    steady.observe(100, 100, 10);
    erratic.observe(100, 100, i % 2 === 0 ? 5 : 15);
  }
  expect(steady.atMostMs(100)).toBeLessThan(10.1);
  expect(erratic.atMostMs(100)).toBeGreaterThan(15);
});

test('a backlog costs its tokens with the usual padding, in full batches', () => {
  const model = createCostModel(limits);
  for (let i = 0; i < 200; i++) model.observe((i % 5) * 110 + 110, (i % 5) * 100 + 100, 3 + 0.1 * ((i % 5) * 110 + 110));
  expect(model.backlogMs({ texts: 64, tokens: 1_000 })).toBeCloseTo(2 * 3 + 110, 6);
  expect(model.backlogMs({ texts: 1, tokens: 10 })).toBeCloseTo(3 + 1.1, 6);
});

test('once the time of batches is known, it bounds their tokens, never below one, and says what a start costs', () => {
  const model = createCostModel({ ...limits, ms: 60.1 });
  expect([model.mostTokens(), model.overheadTokens()]).toEqual([2_048, 10]);
  for (let i = 0; i < 40; i++) model.observe(100 + 10 * (i % 20), 100, 2 + 0.25 * (100 + 10 * (i % 20)));
  expect(model.mostTokens()).toBe(232);
  expect(model.overheadTokens()).toBeCloseTo(8, 3);
  const slow = createCostModel({ ...limits, ms: 60 });
  for (let i = 0; i < 40; i++) slow.observe(100 + 10 * (i % 20), 100, 200 + (100 + 10 * (i % 20)));
  expect(slow.mostTokens()).toBe(1);
});
