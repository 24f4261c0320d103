import { expect, test, vi } from 'vitest';
import type { Session } from '../../models/index.js';
import { createInlineSessions } from './inline-sessions.js';
import type { Job, WorkerModel } from './messages.js';

const model: WorkerModel = { key: 'm@1', path: 'm.onnx' };
const array = (length: number) => new BigInt64Array(length).fill(1n);
const job = (tokens: number): Job => ({
  model: model.key,
  batch: 1,
  tokens,
  ids: array(tokens),
  mask: array(tokens),
  types: array(tokens),
  alone: true,
});

/** A model that takes a millisecond for ten tokens, with workers and here. */
function scene(
  run: Session['run'] = async () => ({ logits: { type: 'float32', dims: [1, 2], data: Float32Array.of(1, 2) } }),
  bytes = 2 ** 27,
) {
  let clock = 0;
  const disposed: string[] = [];
  const session = {
    run: (feeds: Parameters<Session['run']>[0]) => {
      clock += feeds.input_ids!.data.length / 10;
      return run(feeds);
    },
    dispose: async () => void disposed.push('disposed'),
  } as unknown as Session;
  const open = vi.fn(async (_: WorkerModel, _wide: boolean) => session);
  const inline = createInlineSessions({ mostMs: 5, open, bytesOf: async () => bytes, now: () => clock });
  const answered = (times: number, tokens = 20, wide = true) => {
    for (let i = 0; i < times; i++) inline.heard(job(tokens), { seconds: tokens / 10_000, wide }, [model]);
  };
  const opened = async () => {
    answered(10);
    await vi.waitFor(() => expect(inline.takes(job(1))).toBe(true), { interval: 1 });
  };
  return { inline, open, disposed, answered, opened };
}

test('a model is opened here once workers have answered it alone time and again, with threads as they do', async () => {
  const { inline, open, answered } = scene();
  answered(9);
  await new Promise(setImmediate);
  expect(open).not.toHaveBeenCalled();
  answered(5);
  await vi.waitFor(() => expect(inline.takes(job(20))).toBe(true), { interval: 1 });
  expect(open.mock.calls).toEqual([[model, true]]);
  expect(await inline.run(job(20))).toEqual({ logits: Float32Array.of(1, 2), seconds: 0.002, wide: true, inline: true });
});

test('a model that would keep the thread for too long while it is opened stays with workers', async () => {
  const { inline, open, answered } = scene(undefined, 2 ** 27 + 1);
  answered(20);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect([inline.takes(job(1)), open.mock.calls.length]).toEqual([false, 0]);
});

test('what would keep the thread for too long is left to workers, by what a token was seen to take', async () => {
  const { inline, open, answered, opened } = scene();
  answered(50, 100);
  await new Promise(setImmediate);
  expect(open).not.toHaveBeenCalled();
  await opened();
  expect([inline.takes(job(49)), inline.takes(job(51)), inline.takes({ ...job(26), batch: 2 })]).toEqual([true, false, false]);
});

test('explanations are left to workers', async () => {
  const { inline, opened } = scene();
  await opened();
  const way = { baseline: array(4), progress: new Float32Array(1), label: new Float32Array(2) };
  expect(inline.takes({ ...job(4), way })).toBe(false);
});

test('an answer is told only after what came in meanwhile was read', async () => {
  const { inline, opened } = scene();
  await opened();
  const order: string[] = [];
  const answer = inline.run(job(4)).then(() => order.push('answer'));
  setImmediate(() => order.push('what came in'));
  await answer;
  expect(order).toEqual(['what came in', 'answer']);
});

test('a session that throws refuses the batch; one that cannot be opened is not tried again', async () => {
  const failing = scene(async () => {
    throw new Error('bad shape');
  });
  await failing.opened();
  await expect(failing.inline.run(job(4))).rejects.toMatchObject({ name: 'JobError', reason: 'refused', message: 'bad shape' });
  const { inline, open, answered } = scene();
  open.mockRejectedValue(new Error('no memory'));
  answered(10);
  await vi.waitFor(() => expect(open).toHaveBeenCalled(), { interval: 1 });
  answered(50);
  await new Promise(setImmediate);
  expect([open.mock.calls.length, inline.takes(job(4))]).toEqual([1, false]);
});

test('a model that goes takes its session along, even one that is being opened', async () => {
  const { inline, disposed, opened, answered, open } = scene();
  await opened();
  await inline.forget(model.key);
  expect([inline.takes(job(4)), disposed.length]).toEqual([false, 1]);
  await expect(inline.run(job(4))).rejects.toMatchObject({ reason: 'lost' });
  answered(10);
  await vi.waitFor(() => expect(open).toHaveBeenCalledTimes(2), { interval: 1 });
  await inline.forget(model.key);
  await vi.waitFor(() => expect(disposed.length).toBe(2), { interval: 1 });
});
